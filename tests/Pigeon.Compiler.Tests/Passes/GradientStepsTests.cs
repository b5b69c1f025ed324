using Pigeon.Compiler;
using Pigeon.Kernels;
using Pigeon.Runtime;
using Xunit;
using static Pigeon.Kernels.HeteroSchema;

namespace Pigeon.Tests;

/// <summary>Which sums over neighbours become the steps before the weight gradient that multiplies them.</summary>
public sealed class GradientStepsTests
{
    private const int Nodes = 20;

    private static readonly CompileOptions Options = new() { Graph = Graph(hub: false), Lanes = 8, Threads = 4, Rewrites = RewriteFamilies.None };

    [Theory]
    [InlineData(SummedRows.Left)]
    [InlineData(SummedRows.Right)]
    [InlineData(SummedRows.Both)]
    [InlineData(SummedRows.Blocks)]
    public void A_sum_over_neighbours_is_the_steps_before_its_gradient(SummedRows rows)
    {
        Program program = GradientPrograms.Create(rows, 64, 1);
        Kernel kernel = Assert.Single(ProgramCompiler.Plan(program, Options).Kernels);
        Assert.Equal(ContractionKind.OuterSum, kernel.Contraction!.Kind);
        Assert.NotNull(Assert.Single(kernel.Before, step => step.Loop is not null).Loop);
        Assert.Equal(rows == SummedRows.Blocks, kernel.Before.Any(step => step.InBlocks));
    }

    [Fact]
    public void A_plan_shows_the_steps_before_a_gradient() => Assert.Equal("""
        plan gradient
          kernel k0_gemm over Nodes
            for each neighbour along dst
              %5 (scratch) sum= %1[src(neighbour)] * %2[neighbour] over [32]
            gemm 64 x 32: %6 = sum of %0[row]^T * %5[row] by ntype

        """.ReplaceLineEndings("\n"), ProgramCompiler.Plan(GradientPrograms.Create(SummedRows.Right, 64, 32), Options).ToString());

    [Theory]
    [InlineData(SummedRows.Left)]
    [InlineData(SummedRows.Right)]
    [InlineData(SummedRows.Both)]
    public void The_options_and_the_graph_decide(SummedRows rows)
    {
        Program program = GradientPrograms.Create(rows, 64, 32);
        GraphBinding hub = Graph(hub: true);
        Assert.Equal(2, KernelsOf(program, Options with { Graph = null }));
        Assert.Equal(2, KernelsOf(program, Options with { Graph = hub }));
        Assert.Equal(1, KernelsOf(program, Options with { Graph = hub, Threads = 1 }));
        Assert.Equal(2, KernelsOf(program, Options with { StoresBefore = false }));
    }

    [Fact]
    public void Rows_that_others_read_are_stored()
    {
        Assert.All<Action<ProgramBuilder, Value>>(
        [
            (p, sum) => p.Return("sum", sum),
            (p, sum) => p.Return("other", GradientPrograms.Gradient(sum, p.Input("z", HeteroSchema.Nodes, 8))),
            (p, sum) => p.Return("product", sum.Linear(p.Weight("w", NodeTypes, 32, 8), NType)),
            (p, sum) => p.Return("neighbours", sum.At(Src).Sum(Dst)),
        ], read =>
        {
            var p = new ProgramBuilder("read");
            Value sum = p.Input("y", HeteroSchema.Nodes, 32).At(Src).Sum(Dst);
            p.Return("gradient", GradientPrograms.Gradient(p.Input("x", HeteroSchema.Nodes, 64), sum));
            read(p, sum);
            Plan plan = ProgramCompiler.Plan(p.Build(), Options);
            Assert.All(plan.Kernels, kernel => Assert.True(kernel.Contraction is not { Kind: ContractionKind.OuterSum } || kernel.Before.Count == 0, $"{plan}"));
        });
    }

    [Fact]
    public void Kernels_of_GPUs_refuse_them()
    {
        Program program = GradientPrograms.Create(SummedRows.Right, 64, 32);
        var refusal = Assert.Throws<PigeonException>(() => CudaEmitter.Emit(ProgramCompiler.Plan(program, Options with { NeighbourBlocks = false })));
        Assert.Equal("PG0130", refusal.Diagnostic.Id);
        Assert.NotEmpty(CudaEmitter.Emit(ProgramCompiler.Plan(program, Options with { NeighbourBlocks = false, StoresBefore = false })).Source);
    }

    private static int KernelsOf(Program program, CompileOptions options) => ProgramCompiler.Plan(program, options).Kernels.Count;

    /// <summary>Two edges into every node; and, with a hub, as many again into the first.</summary>
    private static GraphBinding Graph(bool hub)
    {
        int[] edges = [.. Enumerable.Range(0, hub ? 4 * Nodes : 2 * Nodes)];
        return HeteroGraph.Create(Nodes, ["r"], [.. edges.Select(e => e * 3 % Nodes)], [.. edges.Select(e => e < 2 * Nodes ? e % Nodes : 0)], new int[edges.Length]).Binding;
    }
}
