using Pigeon.Models;
using static TorchSharp.torch;

namespace Pigeon.Benchmarks;

/// <summary>RGCN by hand: a message for each (relation, source) pair, and one sparse product that averages them into nodes.</summary>
internal sealed class RgcnCompact : Formulation
{
    private readonly SparsePattern edges;
    private readonly Tensor sources;
    private readonly Tensor share;
    private readonly TypeSlices slices;
    private readonly Tensor x;
    private readonly Tensor weight;
    private readonly Tensor root;
    private readonly Tensor bias;

    public RgcnCompact(TorchGraph graph, Tensor x, Parameters parameters)
    {
        this.x = x;
        Pairs from = graph.SourcePairs;
        edges = graph.Once("edges of nodes, from source pairs", () =>
            new SparsePattern(graph.Destination, graph.Nodes, from.OfEdge, from.Count));
        share = RgcnMean.ShareOf(graph, edges);
        sources = tensor(from.Node).DetachFromDisposeScope();
        slices = graph.Once("slices of source pairs", () => new TypeSlices(from.Offsets));
        weight = parameters.Whole("weight");
        root = parameters.Whole("root", oneType: true);
        bias = parameters.Whole("bias", oneType: true);
    }

    /// <summary>Gathered rows, products, and in the backward pass the products' gradient.</summary>
    public static long Bytes(TorchGraph graph, RgcnOptions options, bool training) => sizeof(float) * (
        ((long)graph.SourcePairs.Count * (options.In + (training ? 2 : 1) * options.Out)) + ((long)graph.Nodes * options.Out * 3));

    public override Tensor Forward() =>
        SparseProduct.Of(edges, TypedProduct.Of(slices, x.index_select(0, sources), weight), share) + addmm(bias, x, root, 1, 1);
}
