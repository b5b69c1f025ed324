using Pigeon.Kernels;
using Xunit;

namespace Pigeon.Tests;

public sealed class ReuseTests
{
    private const int Nodes = 1000;
    private static readonly IndexSpace NodeSpace = new IndexSpace.Declared("Nodes");
    private static readonly IndexSpace EdgeSpace = new IndexSpace.Declared("Edges");
    private static readonly Map Src = new Map.Stored("src", EdgeSpace, NodeSpace);
    private static readonly Map Dst = new Map.Stored("dst", EdgeSpace, NodeSpace);

    [Fact]
    public void A_row_that_is_read_again_at_once_is_near() => Assert.Equal(0.75, Of(null, Spread(i => i / 4)).Hits(4), 0.01);

    [Fact]
    public void What_is_read_once_is_never_near() => Assert.Equal(0, Of(null, [.. Enumerable.Range(0, Nodes)]).Hits(Nodes - 1), 0.01);

    [Fact]
    public void Numbers_of_a_line_are_near() =>
        Assert.Equal(15 / 16.0, Graph(Spread(i => i), Spread(i => i)).ReuseOf(null, Src, 4).Hits(4), 0.02);

    [Theory]
    [InlineData(20)]
    [InlineData(100)]
    [InlineData(500)]
    public void Hits_are_those_of_a_cache_that_drops_the_least_recently_used(int capacity)
    {
        var random = new Random(1);
        int[] dst = Spread(_ => random.Next(Nodes));
        int[] uniform = Spread(_ => random.Next(Nodes));
        int[] skewed = Spread(_ => (int)(Nodes * Math.Pow(random.NextDouble(), 3)));
        int[] local = Spread(i => ((dst[i] * 7) + random.Next(60)) % Nodes);
        foreach (int[] src in new[] { uniform, skewed, local })
        {
            foreach (Map? walk in new[] { null, Dst })
            {
                Assert.Equal(Simulate(src, walk is null ? null : dst, capacity), Graph(src, dst).ReuseOf(walk, Src, 0).Hits(capacity), 0.05);
            }
        }
    }

    [Fact]
    public void A_composed_map_is_followed_without_making_it()
    {
        var random = new Random(1);
        int[] src = Spread(_ => random.Next(Nodes));
        int[] type = [.. Enumerable.Range(0, Nodes).Select(i => (i * 31) % Nodes)];
        var composed = (Map.Composed)Map.Compose(new Map.Stored("ntype", NodeSpace, NodeSpace), Src);
        GraphBinding graph = new(Sizes(src.Length), new Dictionary<string, int[]> { ["src"] = src, ["dst"] = src, ["ntype"] = type });
        Assert.Equal(graph.ReuseOf(null, Src, 0).Hits(100), graph.ReuseOf(null, composed, 0).Hits(100), 12);
    }

    [Fact]
    public void Of_a_long_walk_stretches_tell()
    {
        var random = new Random(1);
        int[] dst = Spread(_ => random.Next(Nodes), 3_000_000);
        int[] src = Spread(i => (dst[i] + random.Next(50)) % Nodes, 3_000_000);
        GraphBinding graph = Graph(src, dst);
        Assert.Equal(0.2, graph.ReuseOf(null, Src, 0).Hits(200), 0.02);
        Assert.Equal(0.99, graph.ReuseOf(Dst, Src, 0).Hits(200), 0.02);
    }

    [Fact]
    public void A_group_may_be_longer_than_all_stretches()
    {
        const int edges = 3_000_000;
        var random = new Random(1);
        int[] dst = Spread(i => i == 0 ? 1 : 0, edges);
        int[] src = Spread(i => (i / 1000) + random.Next(50), edges);
        Assert.Equal(0.99, Graph(src, dst).ReuseOf(Dst, Src, 0).Hits(200), 0.02);
    }

    [Fact]
    public void A_walk_of_nothing_has_no_hits_to_count() => Assert.Equal(1, Of(null, []).Hits(10));

    private static int[] Spread(Func<int, int> row, int edges = 20_000) => [.. Enumerable.Range(0, edges).Select(i => row(i) % Nodes)];

    private static Reuse Of(Map? walk, int[] src) => Graph(src, src).ReuseOf(walk, Src, 0);

    private static GraphBinding Graph(int[] src, int[] dst) => new(Sizes(src.Length), new Dictionary<string, int[]> { ["src"] = src, ["dst"] = dst });

    private static Dictionary<string, int> Sizes(int edges) => new() { ["Nodes"] = Nodes, ["Edges"] = edges };

    /// <summary>The share of accesses that a cache serves which is followed access by access.</summary>
    private static double Simulate(int[] rows, int[]? groups, int capacity)
    {
        IEnumerable<int> order = Enumerable.Range(0, rows.Length);
        var recent = new LinkedList<int>();
        int hits = 0;
        foreach (int element in groups is null ? order : order.OrderBy(element => groups[element]))
        {
            if (recent.Remove(rows[element]))
            {
                hits++;
            }
            else if (recent.Count == capacity)
            {
                recent.RemoveLast();
            }

            recent.AddFirst(rows[element]);
        }

        return (double)hits / rows.Length;
    }
}
