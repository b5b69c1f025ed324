using Pigeon.Compiler;
using Pigeon.Kernels;
using Pigeon.Runtime;
using Xunit;
using Xunit.Abstractions;

namespace Pigeon.Tests;

public class KernelTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(16)]
    [InlineData(8)]
    [InlineData(4)]
    public void Attention_layer_equals_the_reference(int lanes)
    {
        foreach ((int d, int heads) in new[] { (64, 1), (16, 4), (3, 2), (8, 8), (17, 1), (1, 1), (100, 2) })
        {
            for (int seed = 0; seed < 3; seed++)
            {
                Program program = Attention(d, heads);
                Check(program, RandomGraphs.Create(seed), lanes, seed);
            }
        }
    }

    private void Check(Program program, HeteroGraph graph, int lanes, int seed)
    {
        var arguments = Differential.Arguments(program, graph.Binding, seed);
        var expected = Differential.Reference(program, graph.Binding, arguments);
        foreach (bool fuse in new[] { true, false })
        {
            CompiledProgram compiled = ProgramCompiler.Compile(program, new() { Lanes = lanes, Fuse = fuse, Cache = null });
            var actual = Differential.Compiled(compiled, graph.Binding, arguments, threads: 2);
            double error = Differential.Error(actual["y"], expected["y"]);
            if (error > 1e-5)
            {
                output.WriteLine(compiled.Source.Source);
            }

            Assert.True(error <= 1e-5, $"error {error} at {lanes} lanes, fuse {fuse}, seed {seed}");
        }
    }

    private static Program Attention(int d, int heads)
    {
        var p = new ProgramBuilder("attention");
        Value x = p.Input("x", HeteroSchema.Nodes, 5);
        Value w = p.Weight("w", HeteroSchema.EdgeTypes, 5, heads * d);
        Value q = p.Weight("q", IndexSpace.One, heads * d, heads);
        Value k = p.Weight("k", IndexSpace.One, heads * d, heads);
        Value bias = p.Weight("b", IndexSpace.One, heads * d);
        Value zi = x.At(HeteroSchema.Dst).Linear(w, HeteroSchema.EType);
        Value zj = x.At(HeteroSchema.Src).Linear(w, HeteroSchema.EType);
        Value alpha = Nn.EdgeSoftmax(Nn.LeakyRelu(zi.Linear(q) + zj.Linear(k), 0.2), HeteroSchema.Dst);
        Value y = (alpha.Reshape(heads, 1) * zj.Reshape(heads, d)).Sum(HeteroSchema.Dst);
        p.Return("y", y.Reshape(heads * d) + bias);
        return p.Build();
    }
}
