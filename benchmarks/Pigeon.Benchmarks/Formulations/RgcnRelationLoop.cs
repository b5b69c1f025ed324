using Pigeon.Models;
using static TorchSharp.torch;

namespace Pigeon.Benchmarks;

/// <summary>
/// As PyG's <c>RGCNConv</c> without its compiled extension: for each relation, select its edges, average the sources' rows into all
/// nodes, and multiply all nodes' rows by the relation's weight.
/// </summary>
internal sealed class RgcnRelationLoop(TorchGraph graph, RgcnOptions options, Tensor x, Parameters parameters) : Formulation
{
    private readonly Tensor source = TorchGraph.Long(graph.Source);
    private readonly Tensor destination = TorchGraph.Long(graph.Destination);
    private readonly Tensor type = TorchGraph.Long(graph.EdgeType);
    private readonly Tensor weight = parameters.Whole("weight");
    private readonly Tensor root = parameters.Whole("root", oneType: true);
    private readonly Tensor bias = parameters.Whole("bias", oneType: true);

    /// <summary>A relation's averages are kept for the weight's gradient; forward alone has two copies of the result.</summary>
    public static long Bytes(TorchGraph graph, RgcnOptions options, bool training) =>
        sizeof(float) * (long)graph.Nodes * ((training ? (long)graph.Relations * options.In : options.In) + (3 * options.Out));

    public override Tensor Forward()
    {
        Tensor y = Rows(graph.Nodes, options.Out);
        for (int r = 0; r < graph.Relations; r++)
        {
            Tensor edges = type.eq(r).nonzero().squeeze(1);
            Tensor to = destination.index_select(0, edges);
            Tensor sums = ScatterSum(x.index_select(0, source.index_select(0, edges)), to, graph.Nodes);
            Tensor counts = ScatterSum(ones(to.size(0)), to, graph.Nodes).clamp_(min: 1);
            y = y + sums.div(counts.unsqueeze(1)).mm(weight[r]);
        }

        return y + x.mm(root) + bias;
    }
}
