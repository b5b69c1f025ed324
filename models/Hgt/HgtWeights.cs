using Pigeon.Kernels;
using Pigeon.Runtime;

namespace Pigeon.Models;

/// <summary>
/// <c>HGTConv</c> of PyG 2.3 and later, F = H·d wide, for node types t and edge types (s, r, t):
/// <c>kqv_lin.lins.t.weight [3F, in]</c> and <c>.bias</c>, k before q before v; <c>out_lin.lins.t.weight [F, F]</c> and
/// <c>.bias</c>; <c>skip.t [1]</c>; <c>k_rel.weight</c> and <c>v_rel.weight</c> <c>[H·R, d, d]</c>, slice <c>h·R + r</c> for
/// head h of edge type r; <c>p_rel.s__r__t [1, H]</c>.
/// </summary>
internal sealed class HgtWeights(OptionSet options, HeteroGraph graph) : PygWeights(options, graph)
{
    protected override (long In, long Out) ReadLayer(StateDict layer)
    {
        while (IsFirst && !Given.NodeTypes.Contains($"{NodeTypes}") && layer.Has($"kqv_lin.lins.{NodeTypes}.weight"))
        {
            NodeTypes++;
        }

        string first = NodeType(0);
        long width = layer.Take($"out_lin.lins.{first}.weight", ("out", StateDict.Any), ("out", StateDict.Any)).Shape[0];
        long inWidth = layer.Take($"kqv_lin.lins.{first}.weight", ("3 · out", 3 * width), ("in", In)).Shape[1];
        (int heads, int d) = ReadRelations(layer, width);
        ReadLinear(layer, "kqv_lin", inWidth, 3 * width);
        ReadLinear(layer, "out_lin", width, width);
        ReadPriors(layer, heads);
        ReadSkips(layer, isUsed: inWidth == width);
        return (inWidth, heads * d);
    }

    private string NodeType(int type) => type < Given.NodeTypes.Length ? Given.NodeTypes[type] : $"{type}";

    private string EdgeTypeName(int type) => type < Given.EdgeTypes.Length ? Given.EdgeTypes[type].Name : $"{type}";

    private (int Heads, int Width) ReadRelations(StateDict layer, long width)
    {
        StateTensor keys = layer.Take("k_rel.weight",
            ("heads · relations", StateDict.Any), ("width", StateDict.Any), ("width", StateDict.Any));
        long d = keys.Shape[1];
        long heads = width / d;
        if (keys.Shape[2] != d || width % d != 0 || keys.Shape[0] % heads != 0 ||
            (EdgeTypes != StateDict.Any && keys.Shape[0] != heads * EdgeTypes))
        {
            string relations = EdgeTypes == StateDict.Any ? "relations" : $"{EdgeTypes} relations";
            throw layer.WrongShape("k_rel.weight", $"[heads · {relations}, {width} / heads, {width} / heads]");
        }

        EdgeTypes = keys.Shape[0] / heads;
        Options.Infer("heads", (int)heads, layer.Prefix + "k_rel.weight");
        StateTensor values = layer.Take("v_rel.weight", ("heads · relations", keys.Shape[0]), ("width", d), ("width", d));
        Put("k_rel.weight", Layout.SwapOuter(keys.Numbers, (int)heads, (int)EdgeTypes));
        Put("v_rel.weight", Layout.SwapOuter(values.Numbers, (int)heads, (int)EdgeTypes));
        return ((int)heads, (int)d);
    }

    private void ReadLinear(StateDict layer, string name, long inWidth, long outWidth)
    {
        var weights = new List<float[]>();
        var biases = new List<float[]>();
        for (int t = 0; t < NodeTypes; t++)
        {
            string type = $"{name}.lins.{NodeType(t)}";
            float[] matrix = layer.Take($"{type}.weight", ("out", outWidth), ("in", inWidth)).Numbers;
            weights.Add(Layout.SwapOuter(matrix, (int)outWidth, (int)inWidth));
            biases.Add(layer.Take($"{type}.bias", ("out", outWidth)).Numbers);
        }

        Put($"{name}.weight", Layout.Joined(weights));
        Put($"{name}.bias", Layout.Joined(biases));
    }

    private void ReadPriors(StateDict layer, int heads)
    {
        var priors = new List<float[]>();
        for (int r = 0; r < EdgeTypes; r++)
        {
            priors.Add(layer.Take($"p_rel.{Canonical(layer, r)}", ("1", 1), ("heads", heads)).Numbers);
        }

        Put("p_rel", Layout.Joined(priors));
    }

    private void ReadSkips(StateDict layer, bool isUsed)
    {
        float[] skips = [.. Enumerable.Range(0, NodeTypes).Select(t => layer.Take($"skip.{NodeType(t)}", ("1", 1)).Numbers[0])];
        if (isUsed)
        {
            Put("skip", skips);
        }
    }

    /// <summary>The name <c>s__r__t</c> of an edge type. Where the type has no edge in the graph, the weights tell its ends.</summary>
    private string Canonical(StateDict layer, int type)
    {
        string name = EdgeTypeName(type);
        EdgeType? known = type < Given.EdgeTypes.Length ? Given.EdgeTypes[type] : null;
        if (known is { IsCanonical: true })
        {
            return $"{NodeType(known.SourceType)}__{name}__{NodeType(known.DestinationType)}";
        }

        if (Given.EdgeTypeOf.BinarySearch(type) >= 0)
        {
            throw new PigeonException("PG0415", "its edges join more than one pair of node types", $"edge type {type}",
                "HGT has one weight for each (source type, name, destination type): split the type by its ends");
        }

        var ends = from s in Enumerable.Range(0, NodeTypes)
                   from t in Enumerable.Range(0, NodeTypes)
                   select $"{NodeType(s)}__{name}__{NodeType(t)}";
        return ends.FirstOrDefault(candidate => layer.HasLeft($"p_rel.{candidate}")) ?? $"*__{name}__*";
    }
}
