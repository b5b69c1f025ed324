using Pigeon.Compiler;
using Pigeon.Kernels;
using static Pigeon.Kernels.HeteroSchema;

namespace Pigeon.Models;

/// <summary>
/// The relational graph convolutional network (Schlichtkrull et al. 2018, equations 2 to 4):
/// <c>h′_v = act(Σ_{e=(u,r,v)} c_e · x_u W_r + x_v W_0 + b)</c>.
/// </summary>
public static class Rgcn
{
    private static readonly Map DestinationOfPair = new Map.Component((IndexSpace.Distinct)DestinationPair.To, 1);

    /// <summary>
    /// The whole model: input <c>x</c> (<c>Nodes[in]</c>, unless featureless) and, where asked for, <c>norm</c>
    /// (<c>Edges[1]</c>), and with edge dropout <c>seed</c> (<c>one[2]</c>); output <c>y</c> (<c>Nodes[out]</c>).
    /// </summary>
    /// <exception cref="PigeonException">PG0404: the options don't fit together.</exception>
    public static Program Build(RgcnOptions options)
    {
        options.Check();
        var p = new ProgramBuilder("rgcn");
        Value? norm = options.Aggregation == RgcnAggregation.Norm ? p.Input("norm", Edges, 1) : null;
        Value? seed = options.EdgeDropout > 0 ? p.Input("seed", IndexSpace.One, 2) : null;
        Value y = Layer(p, options.Featureless ? null : p.Input("x", Nodes, options.In), options.Layer(0), norm, options.PrefixOf(0), seed);
        for (int layer = 1; layer < options.Layers; layer++)
        {
            y = Layer(p, options.Activation.Apply(y), options.Layer(layer), norm, options.PrefixOf(layer), seed, layer);
        }

        p.Return("y", y);
        return p.Build();
    }

    /// <summary>
    /// One layer. Weights: as <see cref="RgcnOptions"/> says, <c>weight</c> <c>EdgeTypes[in, out]</c>, or with bases
    /// <c>one[B, in, out]</c> and <c>comp</c> <c>EdgeTypes[B]</c>, or with blocks <c>EdgeTypes[B, in/B, out/B]</c>;
    /// <c>root</c> <c>one[in, out]</c>; <c>bias</c> <c>one[out]</c>. Without features <c>weight</c> is
    /// <c>product(EdgeTypes, Nodes)[out]</c>, with bases <c>Nodes[B, out]</c>, and <c>root</c> is <c>Nodes[out]</c>.
    /// </summary>
    /// <param name="p">The program that the layer becomes a part of.</param>
    /// <param name="x">The nodes' rows, <c>Nodes[in]</c>; null where the options say so: without features.</param>
    /// <param name="options">The options of this layer.</param>
    /// <param name="norm">c of each edge, <c>Edges[1]</c>, for <see cref="RgcnAggregation.Norm"/>; else null.</param>
    /// <param name="prefix">What stands before the weights' names.</param>
    /// <param name="seed">The seed of edge dropout, <c>one[2]</c>, where the options ask for it; else null.</param>
    /// <param name="stream">Another number for every layer with edge dropout.</param>
    /// <returns>The nodes' new rows, <c>Nodes[out]</c>, before any activation.</returns>
    /// <exception cref="PigeonException">PG0404: the options don't fit together.</exception>
    /// <exception cref="ArgumentException">x, norm or seed is missing, or there but not used.</exception>
    public static Value Layer(ProgramBuilder p, Value? x, RgcnOptions options, Value? norm = null, string prefix = "",
        Value? seed = null, int stream = 0)
    {
        options.Check();
        if (x is null != options.Featureless || norm is null == (options.Aggregation == RgcnAggregation.Norm) ||
            seed is null == options.EdgeDropout > 0)
        {
            throw new ArgumentException("x, norm and seed are given where the options use them, and only there", nameof(options));
        }

        Value messages = x is { } rows ? Messages(p, rows, options, prefix) : FeaturelessMessages(p, options, prefix);
        messages = seed is { } drawn ? Nn.EdgeDropout(messages, options.EdgeDropout, drawn, stream) : messages;
        Value aggregated = options.Aggregation switch
        {
            RgcnAggregation.Mean => messages.Reduce(DestinationPair, ReduceKind.Mean).Sum(DestinationOfPair),
            RgcnAggregation.Norm => (messages * norm!.Value).Sum(Dst),
            _ => messages.Sum(Dst),
        };
        Value y = aggregated.Reshape(options.Out);
        if (options.RootWeight)
        {
            y += x is { } own
                ? own.Linear(p.Weight(prefix + "root", IndexSpace.One, options.In, options.Out))
                : p.Weight(prefix + "root", Nodes, options.Out);
        }

        return options.Bias ? y + p.Weight(prefix + "bias", IndexSpace.One, options.Out) : y;
    }

    /// <summary><c>x_u W_r</c> for every edge; with blocks a row for each block, so that sums are taken before the product.</summary>
    private static Value Messages(ProgramBuilder p, Value x, RgcnOptions o, string prefix)
    {
        string weight = prefix + "weight";
        if (o.Blocks is { } b)
        {
            Value blocks = p.Weight(weight, EdgeTypes, b, o.In / b, o.Out / b);
            return x.Reshape(b, o.In / b).At(Src).Linear(blocks, EType);
        }

        return x.At(Src).Linear(o.Bases is { } bases
            ? Combined(p, bases, o, prefix)
            : p.Weight(weight, EdgeTypes, o.In, o.Out), EType);
    }

    /// <summary>W_r = Σ_b a_rb V_b: a linear map of the coefficients.</summary>
    private static Value Combined(ProgramBuilder p, int bases, RgcnOptions o, string prefix)
    {
        Value basis = p.Weight(prefix + "weight", IndexSpace.One, bases, o.In, o.Out);
        Value coefficients = p.Weight(prefix + "comp", EdgeTypes, bases);
        return coefficients.Linear(basis.Reshape(bases, o.In * o.Out)).Reshape(o.In, o.Out);
    }

    /// <summary>Row u of W_r for every edge.</summary>
    private static Value FeaturelessMessages(ProgramBuilder p, RgcnOptions o, string prefix)
    {
        string weight = prefix + "weight";
        if (o.Bases is not { } bases)
        {
            return p.Weight(weight, new IndexSpace.Product(EdgeTypes, Nodes), o.Out).At(new Map.Index(EType, Src));
        }

        Value basis = p.Weight(weight, Nodes, bases, o.Out);
        Value coefficients = p.Weight(prefix + "comp", EdgeTypes, bases).Reshape(bases, 1);
        return (basis.At(Src) * coefficients.At(EType)).RowReduce(ReduceKind.Sum, 0).Reshape(o.Out);
    }
}
