using Pigeon.Models;
using static TorchSharp.torch;

namespace Pigeon.Benchmarks;

/// <summary>As PyG's <c>FastRGCNConv</c>: a copy of the relation's weight (or its row) for every edge, and one batched product.</summary>
internal sealed class RgcnWeightPerEdge(TorchGraph graph, RgcnOptions options, Parameters parameters, string prefix = "") : Layer
{
    private readonly Tensor nodes = TorchGraph.Long([.. Enumerable.Range(0, graph.Nodes)]);
    private readonly Tensor source = TorchGraph.Long(graph.Source);
    private readonly Tensor destination = TorchGraph.Long(graph.Destination);
    private readonly Tensor type = TorchGraph.Long(graph.EdgeType);
    private readonly RgcnParameters weights = new(graph, options, parameters, prefix);

    /// <summary>A weight for each edge (backward, its gradient), messages, one-hot relations (64-bit first), and counts.</summary>
    public static long Bytes(TorchGraph graph, RgcnOptions options, bool training) => sizeof(float) * (
        ((long)graph.Edges * ((options.In * options.Out) + options.In + ((training ? 4 : 2) * options.Out))) +
        ((long)graph.Edges * graph.Relations * 4) + ((long)graph.Nodes * graph.Relations));

    public override Tensor Apply(Tensor? x)
    {
        Tensor messages = x is null
            ? weights.Weight.view(-1, options.Out).index_select(0, (type * graph.Nodes) + source)
            : bmm(x.index_select(0, source).unsqueeze(1), weights.Weight.index_select(0, type)).squeeze(1);
        Tensor oneHot = nn.functional.one_hot(type, graph.Relations).to(ScalarType.Float32);
        Tensor counts = ScatterSum(oneHot, destination, graph.Nodes).index_select(0, destination).gather(1, type.unsqueeze(1));
        Tensor y = ScatterSum(messages * counts.clamp_(min: 1).reciprocal(), destination, graph.Nodes);
        return y + (x is null ? weights.Root.index_select(0, nodes) : x.mm(weights.Root)) + weights.Bias;
    }
}
