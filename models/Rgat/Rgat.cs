using Pigeon.Compiler;
using Pigeon.Kernels;
using static Pigeon.Kernels.HeteroSchema;

namespace Pigeon.Models;

/// <summary>
/// The relational graph attention network (Busbridge et al. 2019) with additive self-attention, as PyG's <c>RGATConv</c>:
/// for every edge e = (u, r, v) and head, <c>z_e = x_u W_r</c>, <c>l_e = LeakyReLU(x_v W_r · q + x_u W_r · k)</c>,
/// <c>α = softmax(l)</c>; then <c>h′_v = Σ_e α_e z_e + b</c>.
/// </summary>
public static class Rgat
{
    /// <summary>The whole model: input <c>x</c> (<c>Nodes[in]</c>), output <c>y</c> (<c>Nodes[out]</c>).</summary>
    /// <exception cref="PigeonException">PG0404: the options don't fit together.</exception>
    public static Program Build(RgatOptions options)
    {
        options.Check();
        var p = new ProgramBuilder("rgat");
        Value y = Layer(p, p.Input("x", Nodes, options.In), options.Layer(0), options.PrefixOf(0));
        for (int layer = 1; layer < options.Layers; layer++)
        {
            y = Layer(p, options.Activation.Apply(y), options.Layer(layer), options.PrefixOf(layer));
        }

        p.Return("y", y);
        return p.Build();
    }

    /// <summary>
    /// One layer of H heads of width d. Weights: <c>weight</c> <c>EdgeTypes[in, H·d]</c>; <c>q</c> and <c>k</c>
    /// <c>one[H·d, H]</c>, acting on the whole projected row; <c>bias</c> <c>one[out]</c>.
    /// </summary>
    /// <param name="p">The program that the layer becomes a part of.</param>
    /// <param name="x">The nodes' rows, <c>Nodes[in]</c>.</param>
    /// <param name="options">The options of this layer.</param>
    /// <param name="prefix">What stands before the weights' names.</param>
    /// <returns>The nodes' new rows, <c>Nodes[out]</c>: H·d with concatenated heads, d with averaged ones.</returns>
    /// <exception cref="PigeonException">PG0404: the options don't fit together.</exception>
    public static Value Layer(ProgramBuilder p, Value x, RgatOptions options, string prefix = "")
    {
        options.Check();
        (int heads, int d) = (options.Heads, options.HeadWidth);
        Value w = p.Weight(prefix + "weight", EdgeTypes, options.In, heads * d);
        Value q = p.Weight(prefix + "q", IndexSpace.One, heads * d, heads);
        Value k = p.Weight(prefix + "k", IndexSpace.One, heads * d, heads);

        Value target = x.At(Dst).Linear(w, EType);
        Value source = x.At(Src).Linear(w, EType);
        Value logits = Nn.LeakyRelu(target.Linear(q) + source.Linear(k), options.NegativeSlope);
        Value alpha = Nn.EdgeSoftmax(logits, options.Attention == RgatAttention.WithinRelation ? DestinationPair : Dst);
        Value y = (source.Reshape(heads, d) * alpha.Reshape(heads, 1)).Sum(Dst);

        y = options.Concat ? y.Reshape(heads * d) : y.RowReduce(ReduceKind.Mean, 0).Reshape(d);
        return options.Bias ? y + p.Weight(prefix + "bias", IndexSpace.One, options.Out) : y;
    }
}
