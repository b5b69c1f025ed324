using Pigeon.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Pigeon.Benchmarks;

/// <summary>
/// As PyG's <c>RGCNConv</c> without its compiled extension: for each relation, select its edges, average the sources' rows into all
/// nodes, and multiply all nodes' rows by the relation's weight. Without features, the relation's rows of the weight are averaged.
/// </summary>
internal sealed class RgcnRelationLoop(TorchGraph graph, RgcnOptions options, Parameters parameters, string prefix = "") : Layer
{
    private readonly Tensor nodes = TorchGraph.Long([.. Enumerable.Range(0, graph.Nodes)]);
    private readonly Tensor source = TorchGraph.Long(graph.Source);
    private readonly Tensor destination = TorchGraph.Long(graph.Destination);
    private readonly Tensor type = TorchGraph.Long(graph.EdgeType);
    private readonly RgcnParameters weights = new(graph, options, parameters, prefix);

    /// <summary>A relation's averages are kept for the weight's gradient; forward alone has two copies of the result.</summary>
    public static long Bytes(TorchGraph graph, RgcnOptions options, bool training) =>
        sizeof(float) * (long)graph.Nodes * ((training ? (long)graph.Relations * options.In : options.In) + (3 * options.Out));

    public override Tensor Apply(Tensor? x)
    {
        Tensor y = zeros(graph.Nodes, options.Out);
        for (int r = 0; r < graph.Relations; r++)
        {
            // What a relation leaves is free for the next one, as in Python. Where averages are kept for the gradient between it, the next one's rows don't
            // fit into the holes, and the heap grows: a step is faster that frees all at its end.
            using DisposeScope? scope = is_grad_enabled() ? null : NewDisposeScope();
            Tensor edges = type.eq(r).nonzero().squeeze(1);
            Tensor to = destination.index_select(0, edges);
            Tensor rows = x ?? weights.Weight[r].index_select(0, nodes);
            Tensor sums = ScatterSum(rows.index_select(0, source.index_select(0, edges)), to, graph.Nodes);
            Tensor counts = ScatterSum(ones(to.size(0)), to, graph.Nodes).clamp_(min: 1);
            Tensor averages = sums.div(counts.unsqueeze(1));
            Tensor sum = y + (x is null ? averages : averages.mm(weights.Weight[r]));
            if (scope is not null)
            {
                y.Dispose();
                sum.MoveToOuterDisposeScope();
            }

            y = sum;
        }

        return y + (x is null ? weights.Root.index_select(0, nodes) : x.mm(weights.Root)) + weights.Bias;
    }
}
