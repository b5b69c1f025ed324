using Pigeon.Compiler;
using Pigeon.Kernels;
using Pigeon.Runtime;
using Xunit;
using static Pigeon.Kernels.HeteroSchema;

namespace Pigeon.Tests;

/// <summary>Two products in a row become one where that saves work, and nothing else changes.</summary>
public sealed class FoldWeightsTests
{
    private static readonly CompileOptions Options = new() { Cache = null, Lanes = 8, Threads = 2 };

    [Fact]
    public void A_product_of_a_product_is_one_with_a_weight_for_each_pair_of_types()
    {
        var p = new ProgramBuilder("fold");
        Value k = p.Input("x", Nodes, 5).Linear(p.Weight("w", NodeTypes, 5, 4), NType).Reshape(2, 2);
        p.Return("y", k.At(Src).Linear(p.Weight("a", EdgeTypes, 2, 2, 3), EType));
        Assert.Contains("""
              %3 = reshape %1 : NodeTypes[5, 2, 2]
              %4 = transpose [1, 0, 2] %3 : NodeTypes[2, 5, 2]
              %5 = gather second(etype, compose(ntype, src)) %4 : distinct(etype, compose(ntype, src))[2, 5, 2]
              %6 = linear first(etype, compose(ntype, src)) %5, %2 : distinct(etype, compose(ntype, src))[2, 5, 3]
              %7 = gather src %0 : Edges[5]
              %8 = transpose [1, 0, 2] %6 : distinct(etype, compose(ntype, src))[5, 2, 3]
              %9 = reshape %8 : distinct(etype, compose(ntype, src))[5, 6]
              %10 = linear pair(etype, compose(ntype, src)) %7, %9 : Edges[6]
            """, FoldWeights.Everywhere(Simplify.Run(p.Build()))!.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Gradients_fold_too()
    {
        string text = FoldWeights.Everywhere(AttentionStep.Create())!.ToString();
        Assert.Contains("outer pair(etype, compose(ntype, src))", text, StringComparison.Ordinal);
        Assert.DoesNotContain("linear etype", text, StringComparison.Ordinal);
        Assert.DoesNotContain(": Nodes[24]", text, StringComparison.Ordinal);
        Assert.Equal(text, ProgramParser.Parse(text).ToString());
    }

    [Fact]
    public void Every_result_stays()
    {
        Program step = AttentionStep.Create();
        AttentionStep.AssertSame(step, FoldWeights.Everywhere(step)!);
    }

    [Fact]
    public void A_program_whose_input_is_learned_stays_as_it_is() => Assert.Null(FoldWeights.Everywhere(AttentionStep.Create("x")));

    [Fact]
    public void Weights_fold_where_pairs_are_few_beside_nodes()
    {
        Program step = AttentionStep.Create();
        Assert.Same(step, FoldWeights.Run(step, Options));
        Assert.Same(step, FoldWeights.Run(step, Options with { Graph = Stars(relations: 24).Binding }));
        GraphBinding graph = Stars(relations: 2).Binding;
        Assert.Same(step, FoldWeights.Run(step, Options with { Graph = graph, Rewrites = RewriteFamilies.All & ~RewriteFamilies.Reorder }));
        Program folded = FoldWeights.Run(step, Options with { Graph = graph });
        Assert.NotSame(step, folded);

        // The plan's products are on pairs of type and row; of all nodes only queries and what is aggregated are multiplied.
        string plan = ProgramCompiler.Plan(step, Options with { Graph = graph }).Program.ToString();
        Assert.Equal(3, plan.Split("linear ntype").Length - 1);
        Assert.DoesNotContain("linear etype", plan, StringComparison.Ordinal);

        var arguments = Differential.Arguments(step, graph, 1);
        var expected = Differential.Reference(step, graph, arguments);
        var actual = Differential.Compiled(ProgramCompiler.Compile(step, Options with { Graph = graph }), graph, arguments, threads: 2);
        Assert.All(expected.Keys, name => Assert.True(Differential.Error(actual[name], expected[name]) < 1e-5, name));
    }

    /// <summary>Nodes that each have an edge to one of a few hubs, and one back, by relations that a few or all of them share.</summary>
    private static HeteroGraph Stars(int relations)
    {
        const int nodes = 960;
        int[] types = [.. Enumerable.Range(0, nodes).Select(v => v % 2)];
        int[] leaves = [.. Enumerable.Range(8, nodes - 8)];
        int[] hubs = Array.ConvertAll(leaves, v => v % 4);
        int[] each = Array.ConvertAll(leaves, v => relations == 2 ? 0 : v % (relations / 2));
        int[] sources = [.. leaves, .. hubs];
        int[] targets = [.. hubs, .. leaves];
        if (relations > 2)
        {
            // And edges among themselves, by which pairs are as many as edges.
            (sources, targets) = ([.. sources, .. leaves, .. leaves], [.. targets, .. leaves.Reverse(), .. leaves.Skip(7), .. leaves.Take(7)]);
        }

        int[] relation = [.. each, .. each.Select(r => r + (relations / 2)), .. Enumerable.Range(0, sources.Length - (2 * leaves.Length)).Select(e => e % relations)];
        return HeteroGraph.Create(["n", "m"], [.. Enumerable.Range(0, relations).Select(r => new EdgeType($"r{r}"))], types, sources, targets, relation);
    }
}
