using Pigeon.Models;
using static TorchSharp.torch;

namespace Pigeon.Benchmarks;

/// <summary>
/// RGAT by hand: a row for each (relation, source) pair, which gives messages and the sources' part of the logits; the targets' part is
/// each (relation, destination) pair's own row times <c>W_r q</c>, a dot product; softmax and sum over sorted edges.
/// </summary>
internal sealed class RgatCompact(TorchGraph graph, RgatOptions options, Parameters parameters) : Layer
{
    private readonly SparsePattern edges = HeadEdges.FromSources(graph, options.Heads);
    private readonly SparsePattern targetEdges = HeadEdges.FromTargets(graph, options.Heads);
    private readonly SparsePattern targets = HeadEdges.Targets(graph, options.Heads);
    private readonly SparsePattern sources = graph.NodesOfSourcePairs;
    private readonly TypeSlices slices = graph.SourceSlices;
    private readonly Tensor weight = parameters.Whole("weight");
    private readonly Tensor q = parameters.Whole("q", oneType: true);
    private readonly Tensor k = parameters.Whole("k", oneType: true);
    private readonly Tensor bias = parameters.Whole("bias", oneType: true);

    /// <summary>Gathered rows and messages (backward, their gradient), and numbers per edge and head.</summary>
    public static long Bytes(TorchGraph graph, RgatOptions options, bool training) => sizeof(float) * (
        ((long)graph.SourcePairs.Count * (options.In + ((training ? 2 : 1) * options.Out))) + ((long)graph.Nodes * options.Out * 2) +
        ((long)graph.Edges * options.Heads * (training ? 10 : 5)));

    public override Tensor Apply(Tensor? x)
    {
        Tensor z = TypedProduct.Of(slices, RowGather.Of(sources, x!), weight);
        Tensor weightedQ = weight.matmul(q).transpose(1, 2).reshape(-1, options.In);
        Tensor targetPart = SampledProduct.Of(targets, weightedQ, x!);
        Tensor sourcePart = z.mm(k).view(-1);
        Tensor logits = nn.functional.leaky_relu(RowGather.Of(edges, sourcePart) + RowGather.Of(targetEdges, targetPart),
            options.NegativeSlope);
        Tensor alpha = SegmentSoftmax.Of(edges, logits);
        return SparseProduct.Of(edges, z.view(-1, options.HeadWidth), alpha).view(-1, options.Out) + bias;
    }
}
