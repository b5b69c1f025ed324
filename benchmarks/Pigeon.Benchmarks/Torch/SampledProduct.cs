using static TorchSharp.torch;

namespace Pigeon.Benchmarks;

/// <summary>The dot product of a row of A and a row of B at each entry of a pattern: A Bᵀ, sampled.</summary>
internal sealed class SampledProduct : autograd.SingleTensorFunction<SampledProduct>
{
    /// <inheritdoc/>
    public override string Name => nameof(SampledProduct);

    /// <summary>The products, a vector over the entries.</summary>
    public static Tensor Of(SparsePattern pattern, Tensor a, Tensor b) => is_grad_enabled() && (a.requires_grad || b.requires_grad)
        ? apply(pattern, a, b)
        : Forward(pattern, a, b);

    /// <inheritdoc/>
    public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        var (pattern, a, b) = ((SparsePattern)vars[0], (Tensor)vars[1], (Tensor)vars[2]);
        ctx.save_data("pattern", pattern);
        ctx.save_data("needs", (a.requires_grad, b.requires_grad));
        ctx.save_for_backward([a, b]);
        return Forward(pattern, a, b);
    }

    /// <inheritdoc/>
    public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
    {
        var pattern = (SparsePattern)ctx.get_data("pattern");
        var (needsA, needsB) = ((bool, bool))ctx.get_data("needs");
        List<Tensor> saved = ctx.get_saved_variables();
        Tensor g = grad_output.contiguous();
        Tensor? a = needsA ? Aten.Bag(saved[1], pattern.Column, pattern.RowOffsets, g) : null;
        Tensor? b = needsB
            ? Aten.Bag(saved[0], pattern.RowByColumn, pattern.ColumnOffsets, g.index_select(0, pattern.ByColumn))
            : null;
        return [null!, a!, b!];
    }

    private static Tensor Forward(SparsePattern pattern, Tensor a, Tensor b) =>
        Aten.Dots(a, b, pattern.Column, pattern.RowOffsets, pattern.Row);
}
