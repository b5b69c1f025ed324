using Pigeon.Compiler;
using Pigeon.Kernels;
using static Pigeon.Kernels.HeteroSchema;

namespace Pigeon.Models;

/// <summary>
/// The heterogeneous graph transformer (Hu et al. 2020), as PyG's <c>HGTConv</c> since 2.3: for every node type τ,
/// <c>k, q, v = x K_τ, x Q_τ, x V_τ</c> plus biases; for every edge e = (u, r, v) and head,
/// <c>s_e = (k_u A_r · q_v) μ_r / √d</c>, <c>α = softmax(s)</c> over all edges into v, <c>m_e = v_u M_r</c>; then
/// <c>y_v = GELU(Σ α_e m_e) O_τ + b_τ</c>, and where widths agree <c>h′_v = σ(skip_τ) y_v + (1 − σ(skip_τ)) x_v</c>.
/// </summary>
public static class Hgt
{
    /// <summary>
    /// The whole model: input <c>x</c> (<c>Nodes[in]</c>), or with <see cref="HgtOptions.InputWidths"/> one input <c>x_k</c>
    /// (<c>Nodes_k[width]</c>) for each node type k; output <c>y</c> (<c>Nodes[out]</c>).
    /// </summary>
    /// <exception cref="PigeonException">PG0404: the options don't fit together.</exception>
    public static Program Build(HgtOptions options)
    {
        options.Check();
        var p = new ProgramBuilder("hgt");
        Value y = options.InputWidths.Count == 0
            ? Layer(p, p.Input("x", Nodes, options.In), options.Layer(0), options.PrefixOf(0))
            : Layer(p, [.. options.InputWidths.Select((width, k) => p.Input($"x_{k}", NodesOf(k), width))], options.Layer(0),
                options.PrefixOf(0));
        for (int layer = 1; layer < options.Layers; layer++)
        {
            y = Layer(p, options.Activation.Apply(y), options.Layer(layer), options.PrefixOf(layer));
        }

        p.Return("y", y);
        return p.Build();
    }

    /// <summary>
    /// One layer of H heads of width d. Weights: <c>kqv_lin.weight</c> <c>NodeTypes[in, 3·H·d]</c> and <c>.bias</c>
    /// <c>[3·H·d]</c> (k, q, v in this order), <c>k_rel.weight</c> and <c>v_rel.weight</c> <c>EdgeTypes[H, d, d]</c>,
    /// <c>p_rel</c> <c>EdgeTypes[H]</c>, <c>out_lin.weight</c> <c>NodeTypes[out, out]</c> and <c>.bias</c> <c>[out]</c>, and,
    /// where in = out, <c>skip</c> <c>NodeTypes[1]</c>.
    /// </summary>
    /// <param name="p">The program that the layer becomes a part of.</param>
    /// <param name="x">The nodes' rows, <c>Nodes[in]</c>.</param>
    /// <param name="options">The options of this layer.</param>
    /// <param name="prefix">What stands before the weights' names.</param>
    /// <returns>The nodes' new rows, <c>Nodes[out]</c>.</returns>
    /// <exception cref="PigeonException">PG0404: the options don't fit together.</exception>
    public static Value Layer(ProgramBuilder p, Value x, HgtOptions options, string prefix = "")
    {
        options.Check();
        int width = 3 * options.Out;
        Value kqv = x.Linear(p.Weight(prefix + "kqv_lin.weight", NodeTypes, options.In, width), NType) +
            p.Weight(prefix + "kqv_lin.bias", NodeTypes, width).At(NType);
        Value y = Attend(p, kqv, options, prefix);
        if (options.In != options.Out)
        {
            return y;
        }

        Value gate = Nn.Sigmoid(p.Weight(prefix + "skip", NodeTypes, 1)).At(NType);
        return (gate * y) + ((1 - gate) * x);
    }

    /// <summary>
    /// One layer over node types of different widths. Weights are those of the other overload, except that type k has its own
    /// <c>kqv_lin.lins.k.weight</c> <c>one[width, 3·H·d]</c> and <c>.bias</c> <c>one[3·H·d]</c>, and there is a <c>skip</c>
    /// where one type has the width of the output.
    /// </summary>
    /// <param name="p">The program that the layer becomes a part of.</param>
    /// <param name="x">The rows of every node type's nodes, <c>Nodes_k[width]</c>, as many as the graph has node types.</param>
    /// <param name="options">The options of this layer.</param>
    /// <param name="prefix">What stands before the weights' names.</param>
    /// <returns>The nodes' new rows, <c>Nodes[out]</c>.</returns>
    /// <exception cref="PigeonException">PG0404: the options don't fit together.</exception>
    public static Value Layer(ProgramBuilder p, IReadOnlyList<Value> x, HgtOptions options, string prefix = "")
    {
        options.Check();
        Value kqv = OnNodes(Enumerable.Range(0, x.Count), k =>
            x[k].Linear(p.Weight($"{prefix}kqv_lin.lins.{k}.weight", IndexSpace.One, x[k].Type.Row[^1], 3 * options.Out)) +
            p.Weight($"{prefix}kqv_lin.lins.{k}.bias", IndexSpace.One, 3 * options.Out));
        Value y = Attend(p, kqv, options, prefix);
        int[] residual = [.. Enumerable.Range(0, x.Count).Where(k => x[k].Type.Row[^1] == options.Out)];
        if (residual.Length == 0)
        {
            return y;
        }

        // The gate is closed (1) for the types that have no residual.
        Value own = OnNodes(residual, k => x[k]);
        Value open = OnNodes(residual, k => p.Constant(1, NodesOf(k), 1));
        Value skip = Nn.Sigmoid(p.Weight(prefix + "skip", NodeTypes, 1)).At(NType);
        Value gate = 1 - (open * (1 - skip));
        return (gate * y) + ((1 - gate) * own);
    }

    /// <summary>Rows of the nodes of some types as rows of all nodes; other types' rows are 0.</summary>
    private static Value OnNodes(IEnumerable<int> types, Func<int, Value> rows) =>
        types.Select(k => rows(k).Sum(NodesOfToNodes(k))).Aggregate((sum, next) => sum + next);

    /// <summary>Attention over the in-edges and the projection of its result: <c>y</c> of the formula above.</summary>
    private static Value Attend(ProgramBuilder p, Value kqv, HgtOptions options, string prefix)
    {
        (int width, int heads, int d) = (options.Out, options.Heads, options.HeadWidth);
        Value k = kqv.Slice(0, 0, width).Reshape(heads, d);
        Value q = kqv.Slice(0, width, width).Reshape(heads, d);
        Value v = kqv.Slice(0, 2 * width, width).Reshape(heads, d);

        Value keys = k.At(Src).Linear(p.Weight(prefix + "k_rel.weight", EdgeTypes, heads, d, d), EType);
        Value messages = v.At(Src).Linear(p.Weight(prefix + "v_rel.weight", EdgeTypes, heads, d, d), EType);
        Value priors = p.Weight(prefix + "p_rel", EdgeTypes, heads).Reshape(heads, 1).At(EType);
        Value logits = Nn.Dot(q.At(Dst), keys) * priors / Math.Sqrt(d);
        Value o = (messages * Nn.EdgeSoftmax(logits, Dst)).Sum(Dst).Reshape(width);

        return Nn.Gelu(o).Linear(p.Weight(prefix + "out_lin.weight", NodeTypes, width, width), NType) +
            p.Weight(prefix + "out_lin.bias", NodeTypes, width).At(NType);
    }
}
