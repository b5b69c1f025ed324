using Pigeon.Compiler;
using Pigeon.Kernels;
using Xunit;
using static Pigeon.Kernels.HeteroSchema;

namespace Pigeon.Tests;

/// <summary>Attention as HGT has it, with its gradients: what passes over whole programs are tried on.</summary>
internal static class AttentionStep
{
    /// <summary>The step: one product for keys, queries and values, and one of what is aggregated.</summary>
    /// <param name="also">Further values to have gradients, beside the weights.</param>
    public static Program Create(params string[] also)
    {
        var p = new ProgramBuilder("step");
        Value x = p.Input("x", Nodes, 8);
        Value kqv = x.Linear(p.Weight("kqv", NodeTypes, 8, 24), NType) + p.Weight("b", NodeTypes, 24).At(NType);
        Value k = kqv.Slice(0, 0, 8).Reshape(2, 4).At(Src).Linear(p.Weight("a", EdgeTypes, 2, 4, 4), EType);
        Value v = kqv.Slice(0, 16, 8).Reshape(2, 4).At(Src).Linear(p.Weight("m", EdgeTypes, 2, 4, 4), EType);
        Value alpha = Nn.EdgeSoftmax(Nn.Dot(kqv.Slice(0, 8, 8).Reshape(2, 4).At(Dst), k), Dst);
        Value o = Nn.Gelu((v * alpha).Sum(Dst).Reshape(8)).Linear(p.Weight("o", NodeTypes, 8, 8), NType);
        Value y = o + p.Weight("c", NodeTypes, 8).At(NType) + x;
        p.Return("y", y);
        p.Return("loss", (y * y).RowReduce(ReduceKind.Sum, 0).Sum(new Map.Unit(Nodes)).Reshape());
        return Simplify.Run(Differentiate.Run(p.Build(), "loss", ["kqv", "b", "a", "m", "o", "c", .. also]));
    }

    /// <summary>What a pass makes of a program computes the same on random graphs.</summary>
    public static void AssertSame(Program program, Program rewritten)
    {
        for (int seed = 1; seed < 24; seed++)
        {
            GraphBinding graph = RandomGraphs.Create(seed).Binding;
            var arguments = Differential.Arguments(program, graph, seed);
            var expected = Differential.Reference(program, graph, arguments);
            var actual = Differential.Reference(rewritten, graph, arguments);
            Assert.All(expected.Keys, name =>
                Assert.True(Differential.Error(Array.ConvertAll(actual[name], v => (float)v), expected[name]) < 1e-6, $"seed {seed}: {name}"));
        }
    }
}
