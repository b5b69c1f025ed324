using Pigeon.Compiler;
using Pigeon.Kernels;
using Pigeon.Runtime;
using Xunit;
using static Pigeon.Kernels.HeteroSchema;

namespace Pigeon.Tests;

public sealed class RecomputeTests
{
    /// <summary>Edges with few sources and few destinations, so that the rows of nodes are near and those of edges are not.</summary>
    private static readonly HeteroGraph Dense = HeteroGraph.Create(2_000, ["a", "b"],
        [.. Enumerable.Range(0, 400_000).Select(i => i * 7 % 2_000)], [.. Enumerable.Range(0, 400_000).Select(i => i / 200)],
        [.. Enumerable.Range(0, 400_000).Select(i => i % 2)]);

    [Fact]
    public void What_is_cheap_is_computed_again_in_the_kernel_that_reads_it()
    {
        CompileOptions options = new() { Graph = Dense.Binding, Rewrites = RewriteFamilies.None, Lanes = 8 };
        Plan stored = ProgramCompiler.Plan(Scaled(), options with { Recompute = false });
        Plan again = ProgramCompiler.Plan(Scaled(), options);
        Assert.Contains(stored.Storage.Items.Index(), s => s.Item == Storage.Buffer && stored.Program.Values[s.Index] is Operator.Pointwise);
        Assert.DoesNotContain(again.Storage.Items.Index(), s => s.Item == Storage.Buffer && again.Program.Values[s.Index] is Operator.Pointwise);
    }

    [Fact]
    public void Without_a_graph_nothing_is_computed_again()
    {
        Program program = Simplify.Run(Scaled());
        Assert.Same(program, Recompute.Run(program, new()));
        Assert.Same(program, Recompute.Run(program, new() { Graph = Dense.Binding, Recompute = false }));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Copies_mean_the_same_in_random_programs(int batch)
    {
        int checks = 0;
        int compiled = 0;
        for (int seed = batch; seed < 200; seed += 2)
        {
            Program program = SeparateOutputs.Run(HoistWeights.Run(Simplify.Run(RandomProgram.Create(seed))));
            Plan plan = Fuse.Run(program);
            GraphBinding graph = RandomGraphs.Create(seed).Binding;
            foreach (Program split in Enumerable.Range(0, program.Values.Length).Select(v => Recompute.Split(plan, v)).OfType<Program>())
            {
                var arguments = Differential.Arguments(program, graph, seed, integers: true, RandomProgram.Bound);
                var expected = Differential.Reference(program, graph, arguments);
                var evaluated = Differential.Reference(split, graph, arguments);
                Assert.All(program.Outputs, o => Assert.Equal(expected[o.Name], evaluated[o.Name]));
                if (checks++ % 8 == 0)
                {
                    CSharpSource source = CSharpEmitter.Emit(Fuse.Run(split), new CompileOptions().Lanes);
                    GeneratedProgram kernels = GeneratedImage.Load(CSharpCompiler.Compile(source, null, out _), $"{CSharpEmitter.Namespace}.{source.ClassName}");
                    var actual = Differential.Loaded(kernels, graph, arguments);
                    Assert.All(program.Outputs, o => Assert.Null(Differential.Difference(actual[o.Name], expected[o.Name])));
                    compiled++;
                }
            }
        }

        Assert.True(compiled >= 5, $"{checks} copies, {compiled} compiled");
    }

    /// <summary>Edges are scaled for their destinations, and the gradient-like sum over sources reads the same numbers.</summary>
    internal static Program Scaled()
    {
        var p = new ProgramBuilder("scaled");
        Value a = p.Input("a", Edges, 4);
        Value b = p.Input("b", Edges, 4);
        Value product = a * b;
        p.Return("y", product.Sum(Dst));
        p.Return("z", (product * a).Sum(Src));
        return p.Build();
    }
}
