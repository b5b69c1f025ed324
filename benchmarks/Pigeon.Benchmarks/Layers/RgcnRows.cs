using Pigeon.Models;
using static TorchSharp.torch;

namespace Pigeon.Benchmarks;

/// <summary>
/// RGCN without features by hand: a node's message is a row of the weight, so the layer is one sparse product with the rows of all
/// weights, and its gradient the transposed product, which writes zeros where a row has no edge.
/// </summary>
/// <remarks>
/// With <c>usedOnly</c> the parameter holds the rows of (relation, source) pairs only: others never get a gradient, and Adam without
/// weight decay leaves them as they are. It trains the same weights; a table of all of them has to be put together afterwards.
/// </remarks>
internal sealed class RgcnRows : Layer
{
    private readonly SparsePattern edges;
    private readonly Tensor share;
    private readonly Tensor weight;
    private readonly Tensor root;
    private readonly Tensor bias;

    public RgcnRows(TorchGraph graph, RgcnOptions options, Parameters parameters, string prefix, bool usedOnly)
    {
        if (usedOnly)
        {
            int[] used = [.. graph.SourcePairs.Node.Select((node, p) => (graph.SourcePairs.Type[p] * graph.Nodes) + node)];
            edges = graph.EdgesOfSourcePairs;
            weight = parameters.Rows(prefix + "weight", used);
        }
        else
        {
            int[] row = [.. graph.Source.Select((node, e) => (graph.EdgeType[e] * graph.Nodes) + node)];
            edges = graph.Once("edges of nodes, from rows of weights", () =>
                new SparsePattern(graph.Destination, graph.Nodes, row, graph.Relations * graph.Nodes));
            weight = parameters.Whole(prefix + "weight");
        }

        share = RgcnMean.ShareOf(graph, edges);
        root = parameters.Whole(prefix + "root");
        bias = parameters.Whole(prefix + "bias", oneType: true);
        if (!options.Featureless || graph.NodeOrder.Where((node, i) => node != i).Any())
        {
            throw new ArgumentException("a layer without features over nodes of one type is expected", nameof(options));
        }
    }

    public override Tensor Apply(Tensor? x) => SparseProduct.Of(edges, weight, share) + root + bias;
}
