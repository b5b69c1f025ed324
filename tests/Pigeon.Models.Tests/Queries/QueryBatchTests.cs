using Pigeon.Datasets;
using Pigeon.Kernels;
using Xunit;

namespace Pigeon.Models.Tests;

public class QueryBatchTests
{
    // 0 → 1 → 4 and 0 → 2 → 3 → 4, then an edge whose direction a way may not follow.
    private static readonly RelationQuery First = new(5, [0, 1, 0, 2, 3], [1, 4, 2, 3, 4], [2, 1, 0, 0, 1], 0, 4, 1);
    private static readonly RelationQuery Second = new(3, [1, 1], [0, 2], [2, 0], 0, 2, 2);
    private static readonly QueryBatch Batch = new(new("test", ["a", "b", "c"], [First, Second]));

    [Fact]
    public void Graphs_become_one_disjoint_union_sorted_by_relation()
    {
        GraphBinding graph = Batch.Bind([1, 0]);
        Assert.Equal((8, 7, 3, 2, 6), (graph.Sizes["Nodes"], graph.Sizes["Edges"], graph.Sizes["EdgeTypes"], graph.Sizes["Queries"],
            graph.Sizes["Candidates"]));
        Assert.Equal([0, 0, 0, 1, 1, 2, 2], Values(graph, HeteroSchema.EType));
        Assert.Equal([1, 3, 5, 4, 6, 1, 3], Values(graph, HeteroSchema.Src));
        Assert.Equal([2, 5, 6, 7, 7, 0, 4], Values(graph, HeteroSchema.Dst));
        Assert.Equal([0, 3], Values(graph, QuerySchema.Head));
        Assert.Equal([2, 7], Values(graph, QuerySchema.Tail));
        Assert.Equal([0, 1, 2, 0, 1, 2], Values(graph, QuerySchema.CandidateRelation));
    }

    [Fact]
    public void Way_is_a_shortest_one_in_either_direction()
    {
        GraphBinding graph = Batch.Bind([1, 0]);
        Assert.Equal([0, 1, 2, 3, 4, 7], Values(graph, QuerySchema.StepNode));
        Assert.Equal([0, 0, 0, 1, 1, 1], Values(graph, QuerySchema.StepQuery));
    }

    [Fact]
    public void Where_there_is_no_way_it_is_head_and_tail()
    {
        var apart = new QueryBatch(new("test", ["a"], [new(4, [0], [1], [0], 0, 3, 0)]));
        Assert.Equal([0, 3], Values(apart.Bind([0]), QuerySchema.StepNode));
    }

    [Fact]
    public void Wrong_relation_is_any_other_one()
    {
        var random = new Random(1);
        var drawn = Enumerable.Range(0, 100).Select(_ => Values(Batch.Bind([0, 1], random.Next), QuerySchema.Wrong)).ToArray();
        Assert.Equal([0, 2], drawn.Select(wrong => wrong[0]).Distinct().Order());
        Assert.Equal([0, 1], drawn.Select(wrong => wrong[1]).Distinct().Order());
    }

    [Fact]
    public void Answer_is_the_best_score()
    {
        Assert.True(Batch.IsAnswered(0, [-3, -1, -2]));
        Assert.False(Batch.IsAnswered(0, [-1, -1, -2]));
    }

    private static int[] Values(GraphBinding graph, Map map) => graph.Resolve(map).Values;
}
