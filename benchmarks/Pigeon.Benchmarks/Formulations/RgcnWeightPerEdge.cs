using Pigeon.Models;
using static TorchSharp.torch;

namespace Pigeon.Benchmarks;

/// <summary>As PyG's <c>FastRGCNConv</c>: a copy of the relation's weight for every edge, and one batched product.</summary>
internal sealed class RgcnWeightPerEdge(TorchGraph graph, Tensor x, Parameters parameters) : Formulation
{
    private readonly Tensor source = TorchGraph.Long(graph.Source);
    private readonly Tensor destination = TorchGraph.Long(graph.Destination);
    private readonly Tensor type = TorchGraph.Long(graph.EdgeType);
    private readonly Tensor weight = parameters.Whole("weight");
    private readonly Tensor root = parameters.Whole("root", oneType: true);
    private readonly Tensor bias = parameters.Whole("bias", oneType: true);

    /// <summary>A weight for each edge (backward, its gradient), messages, one-hot relations (64-bit first), and counts.</summary>
    public static long Bytes(TorchGraph graph, RgcnOptions options, bool training) => sizeof(float) * (
        ((long)graph.Edges * ((options.In * options.Out) + options.In + ((training ? 4 : 2) * options.Out))) +
        ((long)graph.Edges * graph.Relations * 4) + ((long)graph.Nodes * graph.Relations));

    public override Tensor Forward()
    {
        Tensor messages = bmm(x.index_select(0, source).unsqueeze(1), weight.index_select(0, type)).squeeze(1);
        Tensor oneHot = nn.functional.one_hot(type, graph.Relations).to(ScalarType.Float32);
        Tensor counts = ScatterSum(oneHot, destination, graph.Nodes).index_select(0, destination).gather(1, type.unsqueeze(1));
        Tensor y = ScatterSum(messages * counts.clamp_(min: 1).reciprocal(), destination, graph.Nodes);
        return y + x.mm(root) + bias;
    }
}
