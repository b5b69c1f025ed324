using static TorchSharp.torch;

namespace Pigeon.Benchmarks;

/// <summary>The softmax of a vector over the entries of each row of a pattern.</summary>
internal sealed class SegmentSoftmax : autograd.SingleTensorFunction<SegmentSoftmax>
{
    /// <inheritdoc/>
    public override string Name => nameof(SegmentSoftmax);

    /// <summary>The softmax.</summary>
    public static Tensor Of(SparsePattern pattern, Tensor x) =>
        is_grad_enabled() && x.requires_grad ? apply(pattern, x) : Forward(pattern, x);

    /// <inheritdoc/>
    public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        var pattern = (SparsePattern)vars[0];
        Tensor y = Forward(pattern, (Tensor)vars[1]);
        ctx.save_data("pattern", pattern);
        ctx.save_for_backward([y]);
        return y;
    }

    /// <inheritdoc/>
    public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
    {
        var pattern = (SparsePattern)ctx.get_data("pattern");
        Tensor y = ctx.get_saved_variables()[0];
        Tensor weighted = grad_output * y;
        return [null!, weighted.sub_(y * Entries(pattern, RowSums(pattern, weighted)))];
    }

    private static Tensor Forward(SparsePattern pattern, Tensor x)
    {
        Tensor e = x.sub(Entries(pattern, Aten.SegmentMax(x, pattern.RowOffsets.to(ScalarType.Int64)))).exp_();
        return e.div_(Entries(pattern, RowSums(pattern, e)));
    }

    private static Tensor RowSums(SparsePattern pattern, Tensor x) =>
        Aten.Bag(x.unsqueeze(1), pattern.Identity, pattern.RowOffsets).squeeze(1);

    private static Tensor Entries(SparsePattern pattern, Tensor rows) => rows.index_select(0, pattern.Row);
}
