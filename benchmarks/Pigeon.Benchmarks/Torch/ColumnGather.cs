using TorchSharp;
using static TorchSharp.torch;

namespace Pigeon.Benchmarks;

/// <summary>The number of each entry's column. Its gradient sums segments; <c>index_select</c>'s own adds one at a time.</summary>
internal sealed class ColumnGather : autograd.SingleTensorFunction<ColumnGather>
{
    /// <inheritdoc/>
    public override string Name => nameof(ColumnGather);

    /// <summary>The numbers, a vector over the entries.</summary>
    /// <param name="pattern">The pattern.</param>
    /// <param name="columns">A number for each column.</param>
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
        return [null!, Aten.Bag(grad_output.contiguous().unsqueeze(1), pattern.ByColumn, pattern.ColumnOffsets).squeeze(1)];
    }
}
