using Pigeon.Models;
using static TorchSharp.torch;

namespace Pigeon.Benchmarks;

/// <summary>
/// HGT by hand: a node type's key and value weights are multiplied by the relation's first, so a (relation, source) pair's row gives
/// its key and its value directly; logits are dot products at the edges, softmax and sum run over sorted edges; types are slices.
/// </summary>
internal sealed class HgtFolded(TorchGraph graph, HgtOptions options, Parameters parameters) : Layer
{
    private readonly SparsePattern edges = HeadEdges.FromSources(graph, options.Heads);
    private readonly SparsePattern sources = graph.NodesOfSourcePairs;
    private readonly TypeSlices pairSlices = graph.SourceSlices;
    private readonly TypeSlices nodeSlices = graph.NodeSlices;
    private readonly Tensor sourceType = TorchGraph.Long(graph.SourceTypes);
    private readonly Tensor nodeType = TorchGraph.Long(graph.NodeTypes);
    private readonly Tensor kqv = parameters.Whole("kqv_lin.weight");
    private readonly Tensor kqvBias = parameters.Whole("kqv_lin.bias");
    private readonly Tensor keyWeight = parameters.Whole("k_rel.weight");
    private readonly Tensor valueWeight = parameters.Whole("v_rel.weight");
    private readonly Tensor prior = parameters.Whole("p_rel");
    private readonly Tensor outWeight = parameters.Whole("out_lin.weight");
    private readonly Tensor outBias = parameters.Whole("out_lin.bias");
    private readonly Tensor skip = parameters.Whole("skip");

    /// <summary>Gathered rows, keys and values (backward, their gradients), numbers per edge and head, and rows per node.</summary>
    public static long Bytes(TorchGraph graph, HgtOptions options, bool training) => sizeof(float) * (
        ((long)graph.SourcePairs.Count * (options.In + ((training ? 4 : 2) * options.Out))) +
        ((long)graph.Nodes * options.Out * (training ? 8 : 4)) + ((long)graph.Edges * options.Heads * (training ? 8 : 4)));

    public override Tensor Apply(Tensor? x)
    {
        (int width, int d) = (options.Out, options.HeadWidth);
        Tensor scaled = keyWeight * (prior / Math.Sqrt(d)).view(graph.Relations, options.Heads, 1, 1);
        (Tensor keyFolded, Tensor keyBias) = Fold(0, scaled);
        (Tensor valueFolded, Tensor valueBias) = Fold(2 * width, valueWeight);
        Tensor rows = RowGather.Of(sources, x!);
        Tensor keys = TypedProduct.Of(pairSlices, rows, keyFolded, keyBias);
        Tensor values = TypedProduct.Of(pairSlices, rows, valueFolded, valueBias);
        Tensor q = TypedProduct.Of(nodeSlices, x!, kqv.narrow(2, width, width).contiguous(), kqvBias.narrow(1, width, width).contiguous());

        Tensor alpha = SegmentSoftmax.Of(edges, SampledProduct.Of(edges, q.view(-1, d), keys.view(-1, d)));
        Tensor sums = SparseProduct.Of(edges, values.view(-1, d), alpha).view(-1, width);
        Tensor y = TypedProduct.Of(nodeSlices, nn.functional.gelu(sums), outWeight, outBias);
        return lerp(x!, y, skip.sigmoid().index_select(0, nodeType));
    }

    /// <summary>A part of each relation's source type's weight and bias, times the relation's weight of each head.</summary>
    private (Tensor Weight, Tensor Bias) Fold(int start, Tensor relation)
    {
        (int heads, int d, long types) = (options.Heads, options.HeadWidth, kqv.size(0));
        Tensor part = kqv.narrow(2, start, options.Out).reshape(types, options.In, heads, d).transpose(1, 2).index_select(0, sourceType);
        Tensor bias = kqvBias.narrow(1, start, options.Out).reshape(types, heads, 1, d).index_select(0, sourceType);
        return (part.matmul(relation).transpose(1, 2).reshape(-1, options.In, options.Out),
            bias.matmul(relation).reshape(-1, options.Out));
    }
}
