using Pigeon.Compiler;
using Pigeon.Kernels;
using Pigeon.Runtime;
using Xunit;
using static Pigeon.Kernels.HeteroSchema;

namespace Pigeon.Tests;

/// <summary>Rows that no edge leads to are left out, and nothing else changes.</summary>
public sealed class UsedRowsTests
{
    private static readonly CompileOptions Options = new() { Cache = null, Lanes = 8 };

    [Fact]
    public void Rows_that_are_gathered_are_computed_for_the_image()
    {
        var p = new ProgramBuilder("used");
        p.Return("y", p.Input("x", Nodes, 5).Linear(p.Weight("w", NodeTypes, 5, 4), NType).At(Src));
        Assert.Contains("""
              %2 = gather second(compose(ntype, src), src) %0 : distinct(compose(ntype, src), src)[5]
              %3 = linear first(compose(ntype, src), src) %2, %1 : distinct(compose(ntype, src), src)[4]
              %4 = gather pair(compose(ntype, src), src) %3 : Edges[4]
            """, UsedRows.Everywhere(Simplify.Run(p.Build())).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_zero_without_neighbours_is_computed_for_rows_that_have_some()
    {
        var p = new ProgramBuilder("used");
        Value sum = p.Input("x", Nodes, 5).At(Src).Sum(Dst);
        p.Return("y", Nn.Gelu(sum).Linear(p.Weight("w", NodeTypes, 5, 4), NType) + 1);
        string text = UsedRows.Everywhere(Simplify.Run(p.Build())).ToString();
        Assert.Contains("reduce.sum pair(compose(ntype, dst), dst)", text, StringComparison.Ordinal);
        Assert.Contains("linear first(compose(ntype, dst), dst)", text, StringComparison.Ordinal);
        Assert.Single(text.Split('\n'), line => line.Contains("reduce.sum second(compose(ntype, dst), dst)", StringComparison.Ordinal));
    }

    [Fact]
    public void Columns_that_go_different_ways_have_products_of_their_own()
    {
        string text = UsedRows.Everywhere(AttentionStep.Create()).ToString();
        Assert.Contains("outer first(compose(ntype, src), src)", text, StringComparison.Ordinal);
        Assert.Contains("outer first(compose(ntype, dst), dst)", text, StringComparison.Ordinal);
        Assert.DoesNotContain("outer ntype", text, StringComparison.Ordinal);
        Assert.DoesNotContain(": Nodes[24]", text, StringComparison.Ordinal);
        Assert.Equal(text, ProgramParser.Parse(text).ToString());
    }

    [Fact]
    public void Every_result_stays()
    {
        Program step = AttentionStep.Create();
        AttentionStep.AssertSame(step, UsedRows.Everywhere(step));
    }

    [Fact]
    public void Rows_are_left_out_where_many_have_no_edge()
    {
        Program step = AttentionStep.Create();
        Assert.Same(step, UsedRows.Run(step, Options));
        Assert.Same(step, UsedRows.Run(step, Options with { Graph = Ring(nodes: 2000, edges: 2000).Binding }));
        GraphBinding graph = Ring(nodes: 2000, edges: 300).Binding;
        Assert.Same(step, UsedRows.Run(step, Options with { Graph = graph, Rewrites = RewriteFamilies.All & ~RewriteFamilies.Compact }));
        Assert.NotSame(step, UsedRows.Run(step, Options with { Graph = graph }));

        var arguments = Differential.Arguments(step, graph, 1);
        var expected = Differential.Reference(step, graph, arguments);
        var actual = Differential.Compiled(ProgramCompiler.Compile(step, Options with { Graph = graph }), graph, arguments, threads: 2);
        Assert.All(expected.Keys, name => Assert.True(Differential.Error(actual[name], expected[name]) < 1e-5, name));
    }

    [Fact]
    public void Rows_are_not_left_out_where_memory_is_scarce()
    {
        CompileOptions options = Options with { Graph = Ring(nodes: 2000, edges: 300).Binding };
        Assert.Contains("distinct(compose(ntype, dst), dst)", Planned(1L << 30), StringComparison.Ordinal);
        Assert.DoesNotContain("distinct(compose(ntype, dst), dst)", Planned(1), StringComparison.Ordinal);

        string Planned(long bytes) => ProgramCompiler.Plan(AttentionStep.Create(), options with { Memory = new(bytes, Threads: 1) }).Program.ToString();
    }

    /// <summary>A graph of one node type, whose first nodes are in a ring.</summary>
    private static HeteroGraph Ring(int nodes, int edges)
    {
        int[] numbers = [.. Enumerable.Range(0, edges)];
        return HeteroGraph.Create(["n"], [new EdgeType("r"), new EdgeType("s")], new int[nodes],
            numbers, Array.ConvertAll(numbers, e => (e + 1) % edges), Array.ConvertAll(numbers, e => e % 2));
    }
}
