using Pigeon.Compiler;
using Pigeon.Kernels;
using Pigeon.Runtime;
using Xunit;
using static Pigeon.Kernels.HeteroSchema;

namespace Pigeon.Tests;

/// <summary>Which traversals become the first steps of others.</summary>
public sealed class TraversalStepsTests
{
    private const int NodeCount = 20;

    private static readonly CompileOptions Options = new() { Graph = Graph(2, hub: false), Lanes = 8, Threads = 4, Rewrites = RewriteFamilies.None };

    [Fact]
    public void A_plan_shows_the_loops_along_both_maps() => Assert.Equal("""
        plan sums
          kernel k0_gemm over Nodes
            gemm 16 x 16: %4 = %0[row] * %1[type] by ntype
          kernel k1_traverse over Nodes
            for each neighbour along dst
              %3 (scratch) sum= %0[src(neighbour)] over [16]
            for each neighbour along src
              %6 (scratch) sum= %4[dst(neighbour)] over [16]
            %7 = %3[row] + %6[row] over [16]

        """.ReplaceLineEndings("\n"), ProgramCompiler.Plan(Sums(), Options).ToString());

    [Fact]
    public void The_options_and_the_graph_decide()
    {
        Assert.Equal(2, KernelsOf(Options));
        Assert.Equal(3, KernelsOf(Options with { Graph = null }));
        Assert.Equal(3, KernelsOf(Options with { StoresBefore = false }));
        Assert.Equal(3, KernelsOf(Options with { Graph = Graph(2, hub: true) }));
        Assert.Equal(2, KernelsOf(Options with { Graph = Graph(2, hub: true), Threads = 1 }));
        Assert.Equal(2, KernelsOf(Options with { Graph = Graph(8, hub: false) }));
        Assert.Equal(3, KernelsOf(Options with { Graph = Graph(9, hub: false) }));
    }

    [Fact]
    public void Rows_that_others_read_are_stored()
    {
        Assert.All<Action<ProgramBuilder, Value>>(
        [
            (p, sum) => p.Return("sum", sum),
            (p, sum) => p.Return("neighbours", sum.At(Src).Sum(Dst)),
            (p, sum) => p.Return("product", sum.Linear(p.Weight("v", NodeTypes, 16, 8), NType)),
        ], read =>
        {
            Plan plan = ProgramCompiler.Plan(Sums(read), Options);
            Assert.True(plan.Kernels[0] is { Contraction: null, Before.Count: 1 }, $"{plan}");
        });
    }

    [Theory]
    [InlineData(4)]
    [InlineData(8)]
    [InlineData(16)]
    public void Its_results_are_those_of_the_evaluator(int lanes)
    {
        Program program = Sums();
        CompileOptions options = Options with { Lanes = lanes };
        CompiledProgram compiled = ProgramCompiler.Compile(program, options);
        Assert.Equal(2, compiled.Plan.Kernels.Count);
        var arguments = Differential.Arguments(program, options.Graph!, seed: 1, integers: true);
        double[] expected = Differential.Reference(program, options.Graph!, arguments)["y"];
        foreach (int threads in new[] { 1, 3 })
        {
            Assert.Null(Differential.Difference(Differential.Loaded(compiled.Load(), options.Graph!, arguments, threads)["y"], expected));
        }

        Array.ForEach([.. arguments.Values], tensor => tensor.Dispose());
    }

    private static int KernelsOf(CompileOptions options) => ProgramCompiler.Plan(Sums(), options).Kernels.Count;

    /// <summary>A sum over in-neighbours; and one over out-neighbours of a product, which runs between them.</summary>
    private static Program Sums(Action<ProgramBuilder, Value>? read = null)
    {
        var p = new ProgramBuilder("sums");
        Value x = p.Input("x", Nodes, 16);
        Value w = p.Weight("w", NodeTypes, 16, 16);
        Value first = x.At(Src).Sum(Dst);
        p.Return("y", first + x.Linear(w, NType).At(Dst).Sum(Src));
        read?.Invoke(p, first);
        return p.Build();
    }

    /// <summary>As many edges into and out of every node; and, with a hub, many more into the first.</summary>
    private static GraphBinding Graph(int neighbours, bool hub)
    {
        int count = neighbours * NodeCount;
        int[] edges = [.. Enumerable.Range(0, hub ? 2 * count : count)];
        return HeteroGraph.Create(NodeCount, ["r"], [.. edges.Select(e => ((e * 3) + (e / NodeCount)) % NodeCount)],
            [.. edges.Select(e => e < count ? e % NodeCount : 0)], new int[edges.Length]).Binding;
    }
}
