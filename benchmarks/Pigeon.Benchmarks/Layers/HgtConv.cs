using Pigeon.Models;
using static TorchSharp.torch;

namespace Pigeon.Benchmarks;

/// <summary>
/// As PyG's <c>HGTConv</c>: keys, queries and values for each node type; keys and values of every relation's whole source type, each
/// times the relation's weight; attention over all edges; a linear map and a gate for each node type.
/// </summary>
/// <remarks>
/// PyG's loop over (head, relation) writes its products into slices of one tensor, and each write copies the whole gradient in the
/// backward pass. Here they are concatenated, which is kinder.
/// </remarks>
internal sealed class HgtConv : Layer
{
    private readonly TorchGraph graph;
    private readonly HgtOptions options;
    private readonly int[] relations;
    private readonly int[] sourceType;
    private readonly Tensor source;
    private readonly Tensor destination;
    private readonly Tensor[] kqv;
    private readonly Tensor[] kqvBias;
    private readonly Tensor keyWeight;
    private readonly Tensor valueWeight;
    private readonly Tensor[] prior;
    private readonly Tensor[] outWeight;
    private readonly Tensor[] outBias;
    private readonly Tensor[] skip;

    public HgtConv(TorchGraph graph, HgtOptions options, Parameters parameters)
    {
        (this.graph, this.options) = (graph, options);
        relations = [.. Enumerable.Range(0, graph.Relations).Where(r => graph.EdgesOf(r) > 0)];
        sourceType = graph.SourceTypes;
        source = TorchGraph.Long(Sources());
        destination = TorchGraph.Long(graph.Destination);
        kqv = parameters.ByType("kqv_lin.weight");
        kqvBias = parameters.ByType("kqv_lin.bias");
        keyWeight = parameters.Whole("k_rel.weight");
        valueWeight = parameters.Whole("v_rel.weight");
        prior = parameters.ByType("p_rel");
        outWeight = parameters.ByType("out_lin.weight");
        outBias = parameters.ByType("out_lin.bias");
        skip = parameters.ByType("skip");
    }

    /// <summary>Keys and values of every relation's source type, thrice, and rows per edge; backward, their gradients.</summary>
    public static long Bytes(TorchGraph graph, HgtOptions options, bool training)
    {
        long rows = Enumerable.Range(0, graph.Relations).Where(r => graph.EdgesOf(r) > 0)
            .Sum(r => (long)graph.NodesOf(graph.SourceTypes[r]));
        return sizeof(float) * (long)options.Out * ((rows * (training ? 10 : 6)) + ((long)graph.Edges * (training ? 8 : 5)));
    }

    public override Tensor Apply(Tensor? x)
    {
        (int heads, int d) = (options.Heads, options.HeadWidth);
        int types = graph.NodeOffsets.Length - 1;
        Tensor[] rows = [.. Enumerable.Range(0, types).Select(t => x!.narrow(0, graph.NodeOffsets[t], graph.NodesOf(t)))];
        Tensor[][] parts = [.. rows.Select((own, t) => addmm(kqvBias[t], own, kqv[t], 1, 1).tensor_split(3, 1))];
        Tensor q = cat([.. parts.Select(p => p[1].reshape(-1, heads, d))]);
        Tensor keys = OfRelations([.. parts.Select(p => p[0])], keyWeight);
        Tensor values = OfRelations([.. parts.Select(p => p[2])], valueWeight);
        Tensor edgePrior = cat([.. relations.Select(r => prior[r].unsqueeze(0).expand(graph.EdgesOf(r), heads))]);

        Tensor logits = (q.index_select(0, destination) * keys.index_select(0, source)).sum(-1) * edgePrior / Math.Sqrt(d);
        Tensor alpha = ScatterSoftmax(logits, destination, graph.Nodes);
        Tensor messages = (values.index_select(0, source) * alpha.unsqueeze(2)).view(-1, options.Out);
        Tensor sums = ScatterSum(messages, destination, graph.Nodes);
        return cat([.. rows.Select((own, t) =>
        {
            Tensor activated = nn.functional.gelu(sums.narrow(0, graph.NodeOffsets[t], own.size(0)));
            Tensor y = addmm(outBias[t], activated, outWeight[t], 1, 1);
            Tensor gate = skip[t].sigmoid();
            return (gate * y) + ((1 - gate) * own);
        })]);
    }

    /// <summary>The rows of every relation's source type, one relation after the other, times the relation's weight of each head.</summary>
    private Tensor OfRelations(Tensor[] byType, Tensor weight)
    {
        (int heads, int d) = (options.Heads, options.HeadWidth);
        Tensor all = cat([.. relations.Select(r => byType[sourceType[r]].reshape(-1, heads, d))]);
        long count = all.size(0);
        Tensor byHead = all.transpose(0, 1).reshape(-1, d);
        var products = new List<Tensor>();
        long start = 0;
        for (int head = 0; head < heads; head++)
        {
            foreach (int r in relations)
            {
                long length = graph.NodesOf(sourceType[r]);
                products.Add(byHead.narrow(0, start, length).mm(weight[r][head]));
                start += length;
            }
        }

        return cat(products).view(heads, count, d).transpose(0, 1);
    }

    /// <summary>The row of each edge's source among the rows of all relations' source types.</summary>
    private int[] Sources()
    {
        int[] rows = new int[graph.Edges];
        int start = 0;
        foreach (int r in relations)
        {
            int first = graph.NodeOffsets[sourceType[r]];
            for (int e = graph.RelationOffsets[r]; e < graph.RelationOffsets[r + 1]; e++)
            {
                rows[e] = start + graph.Source[e] - first;
            }

            start = checked(start + graph.NodesOf(sourceType[r]));
        }

        return rows;
    }
}
