using Pigeon.Models;
using static TorchSharp.torch;

namespace Pigeon.Benchmarks;

/// <summary>
/// As PyG's <c>RGATConv</c>: a copy of the relation's weight for every edge, and batched products of both ends' rows with it.
/// </summary>
internal sealed class RgatWeightPerEdge(TorchGraph graph, RgatOptions options, Parameters parameters) : Layer
{
    private readonly Tensor source = TorchGraph.Long(graph.Source);
    private readonly Tensor destination = TorchGraph.Long(graph.Destination);
    private readonly Tensor type = TorchGraph.Long(graph.EdgeType);
    private readonly Tensor weight = parameters.Whole("weight");
    private readonly Tensor q = parameters.Whole("q", oneType: true);
    private readonly Tensor k = parameters.Whole("k", oneType: true);
    private readonly Tensor bias = parameters.Whole("bias", oneType: true);

    /// <summary>A weight for each edge; backward, a gradient of it from each end; and rows of both ends, messages and results.</summary>
    public static long Bytes(TorchGraph graph, RgatOptions options, bool training) => sizeof(float) * (long)graph.Edges * (
        ((training ? 3 : 1) * options.In * options.Out) + (2 * options.In) + ((training ? 6 : 3) * options.Out));

    public override Tensor Apply(Tensor? x)
    {
        Tensor w = weight.index_select(0, type);
        Tensor target = bmm(x!.index_select(0, destination).unsqueeze(1), w).squeeze(1);
        Tensor origin = bmm(x.index_select(0, source).unsqueeze(1), w).squeeze(1);
        Tensor logits = nn.functional.leaky_relu(target.mm(q) + origin.mm(k), options.NegativeSlope);
        Tensor alpha = ScatterSoftmax(logits, destination, graph.Nodes);
        Tensor messages = origin.view(-1, options.Heads, options.HeadWidth) * alpha.unsqueeze(2);
        return ScatterSum(messages.view(-1, options.Out), destination, graph.Nodes) + bias;
    }
}
