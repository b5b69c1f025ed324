using Pigeon.Models;
using static TorchSharp.torch;

namespace Pigeon.Benchmarks;

/// <summary>RGCN by hand: a message for each (relation, source) pair, and one sparse product that averages them into nodes.</summary>
internal sealed class RgcnCompact : Layer
{
    private readonly SparsePattern edges;
    private readonly SparsePattern sources;
    private readonly Tensor share;
    private readonly TypeSlices slices;
    private readonly RgcnParameters weights;

    public RgcnCompact(TorchGraph graph, RgcnOptions options, Parameters parameters, string prefix = "")
    {
        edges = graph.EdgesOfSourcePairs;
        sources = graph.NodesOfSourcePairs;
        share = RgcnMean.ShareOf(graph, edges);
        slices = graph.SourceSlices;
        weights = new(graph, options, parameters, prefix);
    }

    /// <summary>Gathered rows, products, and in the backward pass the products' gradient.</summary>
    public static long Bytes(TorchGraph graph, RgcnOptions options, bool training) => sizeof(float) * (
        ((long)graph.SourcePairs.Count * (options.In + ((training ? 2 : 1) * options.Out))) + ((long)graph.Nodes * options.Out * 3));

    public override Tensor Apply(Tensor? x)
    {
        Tensor messages = TypedProduct.Of(slices, RowGather.Of(sources, x!), weights.Weight);
        return SparseProduct.Of(edges, messages, share) + addmm(weights.Bias, x!, weights.Root, 1, 1);
    }
}
