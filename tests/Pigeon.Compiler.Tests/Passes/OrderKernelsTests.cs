using Pigeon.Compiler;
using Pigeon.Kernels;
using Pigeon.Runtime;
using Xunit;

namespace Pigeon.Tests;

/// <summary>Kernels that run earlier, so that less is alive at once.</summary>
public sealed class OrderKernelsTests
{
    private const int NodeCount = 200;

    private static readonly GraphBinding Graph = Ring(NodeCount);

    [Fact]
    public void The_last_reader_of_a_large_value_comes_as_soon_as_it_may()
    {
        Plan plan = Fuse.Run(Wide());
        Plan moved = OrderKernels.Run(plan, new(Graph), least: 0);
        Assert.True(ArenaOf(moved, Graph) < ArenaOf(plan, Graph));
        Assert.Equal("""
            plan wide
              kernel k0_traverse over Nodes once
                for each neighbour along dst
                  %4 sum= 1 over [1]
              kernel k1_gemm over Nodes
                gemm 4 x 64: %5 = %0[row] * %1[type] by ntype
              kernel k2_gemm over Nodes
                gemm 64 x 4: %6 = %5[row] * %2[type] by ntype
              kernel k3_gemm over Nodes
                gemm 64 x 4: %11 = sum of %5[row]^T * %0[row] by ntype
              kernel k4_gemm over Nodes
                gemm 4 x 64: %7 = %6[row] * %1[type] by ntype
              kernel k5_traverse over Nodes
                for each neighbour along dst
                  %9 (scratch) sum= %7[src(neighbour)] over [64]
                %10 = %9[row] / %4[row] over [64]

            """.ReplaceLineEndings("\n"), moved.ToString());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(10_000)]
    public void Moved_kernels_give_the_same_bits(double worth)
    {
        foreach (Program program in new[] { Wide(), Separated(AttentionStep.Create()), Separated(AttentionStep.Create("x")) })
        {
            Plan plan = Fuse.Run(program);
            Plan moved = OrderKernels.Move(plan, new(Graph), worth);
            Assert.NotEqual(Contents(plan), Contents(moved));
            Assert.Equal(Contents(plan).Order(StringComparer.Ordinal), Contents(moved).Order(StringComparer.Ordinal));
            GeneratedProgram kernels = Load(plan);
            GeneratedProgram earlier = Load(moved);
            for (int seed = 1; seed <= 12; seed++)
            {
                GraphBinding graph = RandomGraphs.Create(seed).Binding;
                var arguments = Differential.Arguments(program, graph, seed);
                var expected = Differential.Loaded(kernels, graph, arguments, threads: 1 + (seed % 2));
                var actual = Differential.Loaded(earlier, graph, arguments, threads: 1 + (seed % 2));
                Assert.All(expected.Keys, name => Assert.Equal(expected[name], actual[name]));
            }
        }
    }

    [Fact]
    public void Where_it_frees_nothing_at_the_peak_no_kernel_moves()
    {
        Plan plan = Fuse.Run(Separated(AttentionStep.Create()));
        Assert.Same(plan, OrderKernels.Run(plan, new(Graph), least: 0));
    }

    [Fact]
    public void Bytes_are_those_of_the_arena()
    {
        Plan plan = Fuse.Run(Wide());
        Assert.Equal(ArenaOf(plan, Graph), OrderKernels.BytesOf(plan, new(Graph)));
    }

    [Fact]
    public void Plans_of_small_graphs_stay_as_they_are_and_large_ones_where_the_options_say_so()
    {
        Plan plan = Fuse.Run(Wide());
        Assert.Same(plan, OrderKernels.Run(plan, new(Graph)));
        var options = new CompileOptions { Graph = Ring(300_000), Rewrites = RewriteFamilies.None, Lanes = 8 };
        Plan large = ProgramCompiler.Plan(Wide(), options);
        Plan kept = ProgramCompiler.Plan(Wide(), options with { OrdersKernels = false });
        Assert.Equal(Contents(kept).Order(StringComparer.Ordinal), Contents(large).Order(StringComparer.Ordinal));
        Assert.NotEqual(Contents(kept), Contents(large));
        Assert.True(ArenaOf(large, options.Graph) < ArenaOf(kept, options.Graph));
    }

    /// <summary>Wide rows for two products, of which the program has one at its end; and degrees, which are of the graph alone.</summary>
    private static Program Wide() => ProgramParser.Parse("""
        program wide
          map src : Edges -> Nodes
          map dst : Edges -> Nodes
          map ntype : Nodes -> NodeTypes
          %0 = input x : Nodes[4]
          %1 = weight w : NodeTypes[4, 64]
          %2 = weight v : NodeTypes[64, 4]
          %3 = constant 1 : Edges[1]
          %4 = reduce.sum dst %3 : Nodes[1]
          %5 = linear ntype %0, %1 : Nodes[64]
          %6 = linear ntype %5, %2 : Nodes[4]
          %7 = linear ntype %6, %1 : Nodes[64]
          %8 = gather src %7 : Edges[64]
          %9 = reduce.sum dst %8 : Nodes[64]
          %10 = pointwise {$0 / $1} %9, %4 : Nodes[64]
          %11 = outer ntype %5, %0 : NodeTypes[64, 4]
          return y = %10, z = %11
        """);

    private static Program Separated(Program program) => SeparateOutputs.Run(HoistWeights.Run(program));

    private static GraphBinding Ring(int nodes)
    {
        int[] source = [.. Enumerable.Range(0, 4 * nodes).Select(e => e * 7 % nodes)];
        int[] destination = [.. Enumerable.Range(0, 4 * nodes).Select(e => e / 4)];
        return HeteroGraph.Create(nodes, ["a", "b"], source, destination, [.. destination.Select(node => node % 2)]).Binding;
    }

    private static string[] Contents(Plan plan) => [.. plan.Kernels.Select(kernel => (kernel with { Name = "k" }).ToString())];

    private static long ArenaOf(Plan plan, GraphBinding graph) =>
        MemoryEstimate.Of(CSharpEmitter.Emit(plan, 8).Signature, graph, threads: 1).Arena;

    private static GeneratedProgram Load(Plan plan)
    {
        CSharpSource source = CSharpEmitter.Emit(plan, 8);
        return GeneratedImage.Load(CSharpCompiler.Compile(source, null, out _), $"{CSharpEmitter.Namespace}.{source.ClassName}");
    }
}
