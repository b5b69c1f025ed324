using static TorchSharp.torch;

namespace Pigeon.Benchmarks;

/// <summary>The row (or number) of each entry's column. Its gradient sums segments; <c>index_select</c>'s own adds one at a time.</summary>
internal sealed class RowGather : autograd.SingleTensorFunction<RowGather>
{
    /// <inheritdoc/>
    public override string Name => nameof(RowGather);

    /// <summary>The rows, one for each entry.</summary>
    /// <param name="pattern">The pattern.</param>
    /// <param name="columns">A row, or a number, for each column.</param>
    public static Tensor Of(SparsePattern pattern, Tensor columns) => is_grad_enabled() && columns.requires_grad
        ? apply(pattern, columns)
        : columns.index_select(0, pattern.Column);

    /// <inheritdoc/>
    public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        var pattern = (SparsePattern)vars[0];
        ctx.save_data("pattern", pattern);
        return ((Tensor)vars[1]).index_select(0, pattern.Column);
    }

    /// <inheritdoc/>
    public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
    {
        var pattern = (SparsePattern)ctx.get_data("pattern");
        Tensor g = grad_output.contiguous();
        Tensor sums = Aten.Bag(g.view(g.size(0), -1), pattern.ByColumn, pattern.ColumnOffsets);
        return [null!, g.dim() == 1 ? sums.squeeze(1) : sums];
    }
}
