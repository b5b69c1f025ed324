using static TorchSharp.torch;

namespace Pigeon.Benchmarks;

/// <summary>One way to write a layer in eager torch. Its constructor prepares indices; only <see cref="Apply"/> is measured.</summary>
internal abstract class Layer
{
    /// <summary>Computes the layer.</summary>
    /// <param name="x">The nodes' rows, in <see cref="TorchGraph.NodeOrder"/>; null for a layer without features.</param>
    /// <returns>The nodes' new rows.</returns>
    public abstract Tensor Apply(Tensor? x);

    /// <summary>PyG's scatter: sums of the rows that share an index, by <c>scatter_add</c> along an expanded index.</summary>
    protected static Tensor ScatterSum(Tensor rows, Tensor index, long count) => rows.dim() == 1
        ? zeros(count).scatter_add_(0, index, rows)
        : zeros(count, rows.size(1)).scatter_add(0, index.unsqueeze(1).expand(rows.size(0), rows.size(1)), rows);

    /// <summary>
    /// PyG's softmax over the rows that share an index: the maximum by <c>scatter_reduce</c>, outside of the gradient, and a small number
    /// added to the sum.
    /// </summary>
    protected static Tensor ScatterSoftmax(Tensor rows, Tensor index, long count)
    {
        const double tiny = 1e-16;
        Tensor largest;
        using (no_grad())
        {
            largest = Aten.ScatterMax(zeros(count, rows.size(1)), index.unsqueeze(1).expand(rows.size(0), rows.size(1)), rows.detach());
        }

        Tensor e = (rows - largest.index_select(0, index)).exp();
        return e / (ScatterSum(e, index, count) + tiny).index_select(0, index);
    }
}
