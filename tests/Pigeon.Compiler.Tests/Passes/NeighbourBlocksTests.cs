using Pigeon.Compiler;
using Pigeon.Kernels;
using Pigeon.Runtime;
using Xunit;
using static Pigeon.Kernels.HeteroSchema;

namespace Pigeon.Tests;

public sealed class NeighbourBlocksTests
{
    private const int Lanes = 16;

    [Fact]
    public void A_softmax_is_parted_and_its_weights_become_a_loop_buffer()
    {
        Plan plan = Fuse.Run(Simplify.Run(SoftmaxPrograms.Create(heads: 1, width: 64, computed: true)));
        int weights = Assert.Single(plan.Kernels.SelectMany(k => k.Steps).SelectMany(s => s.Stages), s => s.Expression is Expr.Unary).Value;
        Assert.Equal(Storage.Scratch, plan.Storage[weights]);
        Plan parted = NeighbourBlocks.Run(plan, null, Lanes);
        Assert.Equal(Storage.LoopBuffer, parted.Storage[weights]);
        Assert.Equal("""
            plan softmax
              kernel k0_traverse over Nodes
                for blocks of neighbours along dst
                  %6 (loop buffer) = select(less(0, %1[src(neighbour)] + %3[row]), %1[src(neighbour)] + %3[row], 0.25 * (%1[src(neighbour)] + %3[row])) over [1]
                  %7 max= %6[neighbour] over [1]
                for blocks of neighbours along dst
                  %10 (loop buffer) = exp(%6[neighbour] - %7[row]) over [1]
                  %11 sum= %10[neighbour] over [1]
                for each neighbour along dst
                  %15 (scratch) sum= %0[src(neighbour)] * %10[neighbour] over [1, 64]
                  %17 sum= %0[src(neighbour)] * 2 over [1, 64]
                %19 (scratch) = %11[row] + 1E-30 over [1, 1]
                %20 = %15[row] / %19[row] over [1, 64]

            """.ReplaceLineEndings("\n"), parted.ToString());
    }

    /// <summary>Loops of the softmax of one head, as they are in the text of the plan.</summary>
    [Theory]
    [InlineData(1, "each neighbour, each neighbour")]
    [InlineData(4, "blocks of neighbours, each neighbour")]
    [InlineData(8, "blocks of neighbours, blocks of neighbours, each neighbour")]
    public void The_graph_decides(int neighbours, string loops)
    {
        Plan plan = Fuse.Run(Simplify.Run(SoftmaxPrograms.Create(heads: 1, width: 64, computed: true)));
        Assert.Equal(loops, LoopsOf(NeighbourBlocks.Run(plan, new GraphCounts(Regular(neighbours)), Lanes)));
    }

    [Theory]
    [InlineData(4, "each neighbour, each neighbour")]
    [InlineData(8, "blocks of neighbours, blocks of neighbours, each neighbour")]
    public void Rows_of_several_numbers_need_many_neighbours(int neighbours, string loops)
    {
        Plan plan = Fuse.Run(Simplify.Run(SoftmaxPrograms.Create(heads: 4, width: 16, computed: true)));
        Assert.Equal(loops, LoopsOf(NeighbourBlocks.Run(plan, new GraphCounts(Regular(neighbours)), Lanes)));
    }

    /// <summary>A sum without a slow operation, a reduced row, wide rows, rows of no such width, rows of several numbers without a long function, and too few lanes.</summary>
    [Fact]
    public void Other_loops_take_neighbours_one_by_one() => Assert.All<(int Width, int Lanes, Func<Value, Value> Of)>(
    [
        (1, 16, x => x * 2),
        (4, 16, x => Exp(x).RowReduce(ReduceKind.Sum, 0)),
        (16, 16, Exp),
        (2, 16, Exp),
        (4, 16, x => x / 3),
        (8, 8, x => Exp(Exp(x) - Exp(x).Reduce(Dst, ReduceKind.Max).At(Dst))),
    ], loop =>
    {
        var p = new ProgramBuilder("loop");
        p.Return("y", loop.Of(p.Input("x", Edges, loop.Width)).Sum(Dst));
        Plan plan = Fuse.Run(Simplify.Run(p.Build()));
        Assert.DoesNotContain(NeighbourBlocks.Run(plan, null, loop.Lanes).Kernels.SelectMany(k => k.Steps), step => step.InBlocks);
    });

    [Fact]
    public void A_plan_has_them_unless_the_options_forbid_it()
    {
        Program program = SoftmaxPrograms.Create(heads: 1, width: 64, computed: true);
        CompileOptions options = new() { Lanes = Lanes };
        Assert.Contains("blocks of neighbours", ProgramCompiler.Plan(program, options).ToString(), StringComparison.Ordinal);
        Plan without = ProgramCompiler.Plan(program, options with { NeighbourBlocks = false });
        Assert.Equal(Fuse.Run(without.Program).ToString(), without.ToString());
        Assert.DoesNotContain(ProgramCompiler.Plan(program, options with { Fuse = false }).Kernels.SelectMany(k => k.Steps), step => step.InBlocks);
    }

    private static Value Exp(Value x) => x.Unary(UnaryFunction.Exp);

    private static string LoopsOf(Plan plan) => string.Join(", ", $"{plan}".Split('\n').Where(line => line.Contains(" along ", StringComparison.Ordinal))
        .Select(line => line.Trim()["for ".Length..line.Trim().IndexOf(" along", StringComparison.Ordinal)]));

    /// <summary>A graph whose nodes all have as many neighbours.</summary>
    private static GraphBinding Regular(int neighbours)
    {
        const int nodes = 10;
        int[] edges = [.. Enumerable.Range(0, nodes * neighbours)];
        return HeteroGraph.Create(nodes, ["r"], [.. edges.Select(e => e * 3 % nodes)], [.. edges.Select(e => e % nodes)], new int[edges.Length]).Binding;
    }
}
