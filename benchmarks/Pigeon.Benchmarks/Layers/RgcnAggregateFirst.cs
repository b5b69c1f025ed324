using Pigeon.Models;
using static TorchSharp.torch;

namespace Pigeon.Benchmarks;

/// <summary>
/// RGCN by hand: sources' rows are averaged into (relation, destination) pairs first, so a pair, not an edge, is multiplied by a weight;
/// then pairs are summed into nodes.
/// </summary>
internal sealed class RgcnAggregateFirst : Layer
{
    private readonly SparsePattern edges;
    private readonly SparsePattern pairs;
    private readonly Tensor share;
    private readonly TypeSlices slices;
    private readonly RgcnParameters weights;

    public RgcnAggregateFirst(TorchGraph graph, RgcnOptions options, Parameters parameters, string prefix = "")
    {
        Pairs to = graph.DestinationPairs;
        edges = graph.Once("edges of destination pairs", () => new SparsePattern(to.OfEdge, to.Count, graph.Source, graph.Nodes));
        pairs = graph.Once("destination pairs of nodes", () =>
            new SparsePattern(to.Node, graph.Nodes, [.. Enumerable.Range(0, to.Count)], to.Count));
        share = RgcnMean.ShareOf(graph, edges);
        slices = graph.Once("slices of destination pairs", () => new TypeSlices(to.Offsets));
        weights = new(graph, options, parameters, prefix);
    }

    /// <summary>Averages, products, and in the backward pass the products' gradient.</summary>
    public static long Bytes(TorchGraph graph, RgcnOptions options, bool training) => sizeof(float) * (
        ((long)graph.DestinationPairs.Count * (options.In + ((training ? 2 : 1) * options.Out))) + ((long)graph.Nodes * options.Out * 3));

    public override Tensor Apply(Tensor? x)
    {
        Tensor averages = SparseProduct.Of(edges, x!, share);
        return SparseProduct.Of(pairs, TypedProduct.Of(slices, averages, weights.Weight)) + addmm(weights.Bias, x!, weights.Root, 1, 1);
    }
}
