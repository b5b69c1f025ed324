using static TorchSharp.torch;

namespace Pigeon.Benchmarks;

/// <summary>One way to write a layer in eager torch. Its constructor prepares indices; only <see cref="Forward"/> is measured.</summary>
internal abstract class Formulation
{
    /// <summary>Computes the layer.</summary>
    /// <returns>The nodes' rows, in <see cref="TorchGraph.NodeOrder"/>.</returns>
    public abstract Tensor Forward();

    /// <summary>Zeros, a row for each node.</summary>
    protected static Tensor Rows(long count, long width) => zeros(count, width);

    /// <summary>PyG's scatter: sums of the rows that share an index, by <c>scatter_add</c> along an expanded index.</summary>
    protected static Tensor ScatterSum(Tensor rows, Tensor index, long count) => rows.dim() == 1
        ? zeros(count).scatter_add_(0, index, rows)
        : Rows(count, rows.size(1)).scatter_add(0, index.unsqueeze(1).expand(rows.size(0), rows.size(1)), rows);
}
