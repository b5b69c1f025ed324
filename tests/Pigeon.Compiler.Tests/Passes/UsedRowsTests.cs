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
        string text = UsedRows.Everywhere(Step()).ToString();
        Assert.Contains("outer first(compose(ntype, src), src)", text, StringComparison.Ordinal);
        Assert.Contains("outer first(compose(ntype, dst), dst)", text, StringComparison.Ordinal);
        Assert.DoesNotContain("outer ntype", text, StringComparison.Ordinal);
        Assert.DoesNotContain(": Nodes[24]", text, StringComparison.Ordinal);
        Assert.Equal(text, ProgramParser.Parse(text).ToString());
    }

    [Fact]
    public void Every_result_stays()
    {
        Program step = Step();
        Program rewritten = UsedRows.Everywhere(step);
        for (int seed = 1; seed < 24; seed++)
        {
            GraphBinding graph = RandomGraphs.Create(seed).Binding;
            var arguments = Differential.Arguments(step, graph, seed);
            var expected = Differential.Reference(step, graph, arguments);
            var actual = Differential.Reference(rewritten, graph, arguments);
            Assert.All(expected.Keys, name =>
                Assert.True(Differential.Error(Array.ConvertAll(actual[name], v => (float)v), expected[name]) < 1e-6, $"seed {seed}: {name}"));
        }
    }

    [Fact]
    public void Rows_are_left_out_where_many_have_no_edge()
    {
        Program step = Step();
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

        string Planned(long bytes) => ProgramCompiler.Plan(Step(), options with { Memory = new(bytes, Threads: 1) }).Program.ToString();
    }

    /// <summary>A graph of one node type, whose first nodes are in a ring.</summary>
    private static HeteroGraph Ring(int nodes, int edges)
    {
        int[] numbers = [.. Enumerable.Range(0, edges)];
        return HeteroGraph.Create(["n"], [new EdgeType("r"), new EdgeType("s")], new int[nodes],
            numbers, Array.ConvertAll(numbers, e => (e + 1) % edges), Array.ConvertAll(numbers, e => e % 2));
    }

    /// <summary>Attention as HGT has it, with its gradients: one product for keys, queries and values, and one of what is aggregated.</summary>
    private static Program Step()
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
        return Simplify.Run(Differentiate.Run(p.Build(), "loss", ["kqv", "b", "a", "m", "o", "c"]));
    }
}
