using Pigeon.Compiler;
using Pigeon.Kernels;
using static Pigeon.Kernels.HeteroSchema;

namespace Pigeon.Tests;

/// <summary>
/// Layers like those of the models, small. The exact variants hold nothing that rounds: where the model has a softmax, a root or a
/// transcendental function, they have none or one of integers.
/// </summary>
internal static class Layers
{
    private static readonly Map DestinationOfPair = new Map.Component((IndexSpace.Distinct)DestinationPair.To, 1);

    /// <summary>RGCN with messages averaged per relation, or added.</summary>
    public static Program Rgcn(int inWidth, int outWidth, bool exact = false)
    {
        var p = new ProgramBuilder("rgcn");
        Value x = p.Input("x", Nodes, inWidth);
        Value messages = x.At(Src).Linear(p.Weight("w", EdgeTypes, inWidth, outWidth), EType);
        Value sum = exact ? messages.Sum(Dst) : messages.Reduce(DestinationPair, ReduceKind.Mean).Sum(DestinationOfPair);
        Value y = sum + x.Linear(p.Weight("root", IndexSpace.One, inWidth, outWidth)) + p.Weight("bias", IndexSpace.One, outWidth);
        p.Return("y", Nn.Relu(y));
        return p.Build();
    }

    /// <summary>RGAT with additive attention over all edges into a node.</summary>
    public static Program Rgat(int inWidth, int width, int heads, bool exact = false)
    {
        var p = new ProgramBuilder("rgat");
        Value x = p.Input("x", Nodes, inWidth);
        Value w = p.Weight("w", EdgeTypes, inWidth, heads * width);
        Value target = x.At(Dst).Linear(w, EType);
        Value source = x.At(Src).Linear(w, EType);
        Value logits = Nn.LeakyRelu(target.Linear(p.Weight("q", IndexSpace.One, heads * width, heads)) +
            source.Linear(p.Weight("k", IndexSpace.One, heads * width, heads)), exact ? 0.5 : 0.2);
        Value alpha = exact ? logits : Nn.EdgeSoftmax(logits, Dst);
        Value y = (source.Reshape(heads, width) * alpha.Reshape(heads, 1)).Sum(Dst).Reshape(heads * width);
        p.Return("y", y + p.Weight("bias", IndexSpace.One, heads * width));
        return p.Build();
    }

    /// <summary>HGT with a gate and a residual.</summary>
    public static Program Hgt(int width, int heads, bool exact = false)
    {
        int all = heads * width;
        var p = new ProgramBuilder("hgt");
        Value x = p.Input("x", Nodes, all);
        Value kqv = x.Linear(p.Weight("kqv", NodeTypes, all, 3 * all), NType) + p.Weight("kqv.bias", NodeTypes, 3 * all).At(NType);
        Value k = kqv.Slice(0, 0, all).Reshape(heads, width);
        Value q = kqv.Slice(0, all, all).Reshape(heads, width);
        Value v = kqv.Slice(0, 2 * all, all).Reshape(heads, width);
        Value keys = k.At(Src).Linear(p.Weight("k_rel", EdgeTypes, heads, width, width), EType);
        Value messages = v.At(Src).Linear(p.Weight("v_rel", EdgeTypes, heads, width, width), EType);
        Value prior = p.Weight("prior", EdgeTypes, heads).Reshape(heads, 1).At(EType);
        Value logits = Nn.Dot(q.At(Dst), keys) * prior / (exact ? 4 : Math.Sqrt(width));
        Value o = (messages * (exact ? logits : Nn.EdgeSoftmax(logits, Dst))).Sum(Dst).Reshape(all);
        Value y = (exact ? Nn.Relu(o) : Nn.Gelu(o)).Linear(p.Weight("out", NodeTypes, all, all), NType) +
            p.Weight("out.bias", NodeTypes, all).At(NType);
        Value skip = p.Weight("skip", NodeTypes, 1);
        Value gate = (exact ? skip : Nn.Sigmoid(skip)).At(NType);
        p.Return("y", (gate * y) + ((1 - gate) * x));
        return p.Build();
    }
}
