using Pigeon.Compiler;
using Pigeon.Kernels;
using Pigeon.Runtime;
using Xunit;
using static Pigeon.Kernels.HeteroSchema;

namespace Pigeon.Tests;

public sealed class GroupRowsTests
{
    private const int Lanes = 16;

    [Fact]
    public void A_softmax_takes_rows_in_groups_and_blocks_of_the_neighbours_of_others() => Assert.Equal("""
        plan softmax
          kernel k0_traverse over groups of Nodes
            for blocks of neighbours along dst
              %1 (scratch) max= %0[neighbour] over [4]
            for blocks of neighbours along dst
              %4 (loop buffer) = exp(%0[neighbour] - %1[row]) over [4]
              %5 (scratch) sum= %4[neighbour] over [4]
            for blocks of neighbours along dst
              %7 = %4[neighbour] / %5[row] over [4]

        """.ReplaceLineEndings("\n"), Grouped(Softmax(4), neighbours: 3, Lanes).ToString());

    [Theory]
    [InlineData(1, 0, false)]
    [InlineData(1, 1, true)]
    [InlineData(1, 15, true)]
    [InlineData(1, 16, false)]
    [InlineData(4, 3, true)]
    [InlineData(4, 16, false)]
    public void The_graph_decides(int width, int neighbours, bool inGroups) => Assert.Equal(inGroups, IsGrouped(Softmax(width), neighbours, Lanes));

    /// <summary>A division pays where rows have few neighbours and one number; sums alone wait for rows anyway.</summary>
    [Theory]
    [InlineData(1, 3, true)]
    [InlineData(1, 4, false)]
    [InlineData(4, 3, false)]
    public void Without_a_long_function_few_neighbours_decide(int width, int neighbours, bool inGroups)
    {
        var p = new ProgramBuilder("share");
        Value x = p.Input("x", Edges, width);
        p.Return("y", x / x.Sum(Dst).At(Dst));
        Assert.Equal(inGroups, IsGrouped(p.Build(), neighbours, Lanes));
    }

    /// <summary>A sum without a slow operation, wide rows, rows of no such width, too few lanes, and a reduced row.</summary>
    [Fact]
    public void Other_traversals_take_rows_one_by_one() => Assert.All<(int Width, int Lanes, Func<Value, Value> Of)>(
    [
        (1, 16, x => (x * 2).Sum(Dst)),
        (16, 16, x => Exp(x).Sum(Dst)),
        (2, 16, x => Exp(x).Sum(Dst)),
        (8, 16, x => Exp(x).Sum(Dst)),
        (4, 8, x => Exp(x).Sum(Dst)),
        (4, 16, x => Exp(x).RowReduce(ReduceKind.Sum, 0).Sum(Dst)),
    ], loop =>
    {
        var p = new ProgramBuilder("loop");
        p.Return("y", loop.Of(p.Input("x", Edges, loop.Width)));
        Assert.False(IsGrouped(p.Build(), neighbours: 3, loop.Lanes));
    });

    [Fact]
    public void A_plan_has_them_unless_the_options_forbid_it()
    {
        CompileOptions options = new() { Lanes = Lanes, Graph = Regular(3) };
        Assert.Contains(" over groups of ", ProgramCompiler.Plan(Softmax(1), options).ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(ProgramCompiler.Plan(Softmax(1), options with { NeighbourBlocks = false }).Kernels.Items, kernel => kernel.InGroups);
        Assert.DoesNotContain(ProgramCompiler.Plan(Softmax(1), options with { Fuse = false }).Kernels.Items, kernel => kernel.InGroups);
        Assert.DoesNotContain(ProgramCompiler.Plan(Softmax(1), options with { Graph = null }).Kernels.Items, kernel => kernel.InGroups);
    }

    private static Value Exp(Value x) => x.Unary(UnaryFunction.Exp);

    private static Program Softmax(int width)
    {
        var p = new ProgramBuilder("softmax");
        Value x = p.Input("x", Edges, width);
        Value weights = Exp(x - x.Reduce(Dst, ReduceKind.Max).At(Dst));
        p.Return("y", weights / weights.Sum(Dst).At(Dst));
        return p.Build();
    }

    private static bool IsGrouped(Program program, int neighbours, int lanes) => Grouped(program, neighbours, lanes).Kernels.Items.Any(kernel => kernel.InGroups);

    private static Plan Grouped(Program program, int neighbours, int lanes)
    {
        var graph = new GraphCounts(Regular(neighbours));
        return GroupRows.Run(NeighbourBlocks.Run(Fuse.Run(Simplify.Run(program)), graph, lanes), graph, lanes);
    }

    /// <summary>A graph whose nodes all have as many neighbours.</summary>
    private static GraphBinding Regular(int neighbours)
    {
        const int nodes = 10;
        int[] edges = [.. Enumerable.Range(0, nodes * neighbours)];
        return HeteroGraph.Create(nodes, ["r"], [.. edges.Select(e => e * 3 % nodes)], [.. edges.Select(e => e % nodes)], new int[edges.Length]).Binding;
    }
}
