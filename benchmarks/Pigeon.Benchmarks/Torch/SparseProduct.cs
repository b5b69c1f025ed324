using static TorchSharp.torch;

namespace Pigeon.Benchmarks;

/// <summary>
/// Y = S X for a sparse S with the entries <c>scale</c> (all 1 where there are none). The gradients are Sᵀ G, and G Xᵀ at S's entries.
/// </summary>
internal sealed class SparseProduct : autograd.SingleTensorFunction<SparseProduct>
{
    /// <inheritdoc/>
    public override string Name => nameof(SparseProduct);

    /// <summary>The product.</summary>
    public static Tensor Of(SparsePattern pattern, Tensor x, Tensor? scale = null) =>
        is_grad_enabled() && (x.requires_grad || scale is { requires_grad: true })
            ? apply(pattern, x, scale!)
            : Aten.Bag(x, pattern.Column, pattern.RowOffsets, scale);

    /// <inheritdoc/>
    public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        var (pattern, x, scale) = ((SparsePattern)vars[0], (Tensor)vars[1], (Tensor?)vars[2]);
        ctx.save_data("pattern", pattern);
        ctx.save_data("needs", (x.requires_grad, scale is { requires_grad: true }, scale is not null));
        ctx.save_for_backward(scale is null ? [x] : [x, scale]);
        return Aten.Bag(x, pattern.Column, pattern.RowOffsets, scale);
    }

    /// <inheritdoc/>
    public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
    {
        var pattern = (SparsePattern)ctx.get_data("pattern");
        var (needsX, needsScale, hasScale) = ((bool, bool, bool))ctx.get_data("needs");
        List<Tensor> saved = ctx.get_saved_variables();
        Tensor g = grad_output.contiguous();
        Tensor? x = needsX
            ? Aten.Bag(g, pattern.RowByColumn, pattern.ColumnOffsets, hasScale ? saved[1].index_select(0, pattern.ByColumn) : null)
            : null;
        Tensor? scale = needsScale ? Aten.Dots(g, saved[0], pattern.Column, pattern.RowOffsets, pattern.Row) : null;
        return [null!, x!, scale!];
    }
}
