using static TorchSharp.torch;

namespace Pigeon.Benchmarks;

/// <summary>The coefficients of RGCN's mean.</summary>
internal static class RgcnMean
{
    /// <summary>1 / the number of edges of the same type into the same node, for each edge in the order of a pattern.</summary>
    public static Tensor ShareOf(TorchGraph graph, SparsePattern edges)
    {
        Pairs to = graph.DestinationPairs;
        int[] count = new int[to.Count];
        foreach (int pair in to.OfEdge)
        {
            count[pair]++;
        }

        return tensor(Array.ConvertAll(edges.Order, e => 1f / count[to.OfEdge[e]])).DetachFromDisposeScope();
    }
}
