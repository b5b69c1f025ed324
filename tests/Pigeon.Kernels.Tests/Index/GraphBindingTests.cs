using System.Runtime.CompilerServices;
using CsCheck;
using Pigeon.Kernels;
using Xunit;

namespace Pigeon.Tests;

public sealed class GraphBindingTests
{
    private static readonly Map Src = new Map.Stored("src", RandomBinding.Edges, RandomBinding.Nodes);

    [Fact]
    public void Distinct_pairs_are_those_that_occur_in_order() => RandomBinding.Gen.Sample(graph =>
    {
        foreach (Map.Pair pair in RandomBinding.Maps.OfType<Map.Pair>())
        {
            (int First, int Second)[] all = [.. graph.Resolve(pair.First).Values.Zip(graph.Resolve(pair.Second).Values)];
            (int First, int Second)[] expected = [.. all.Distinct().Order()];
            var space = (IndexSpace.Distinct)pair.To;
            Assert.Equal(expected.Length, graph.SizeOf(space));
            Assert.Equal([.. expected.Select(p => p.First)], graph.Resolve(new Map.Component(space, 0)).Values);
            Assert.Equal([.. expected.Select(p => p.Second)], graph.Resolve(new Map.Component(space, 1)).Values);
            Assert.Equal([.. all.Select(p => Array.IndexOf(expected, p))], graph.Resolve(pair).Values);
        }
    }, iter: 50);

    [Fact]
    public void Compressed_rows_hold_every_element_once() => RandomBinding.Gen.Sample(graph =>
    {
        foreach (Map map in RandomBinding.Maps)
        {
            BoundMap bound = graph.Resolve(map);
            int[] order = bound.Order ?? [.. Enumerable.Range(0, bound.Values.Length)];
            Assert.Equal(bound.IsSorted, bound.Order is null);
            Assert.Equal(bound.ToSize + 1, bound.Offsets.Length);
            Assert.Equal(bound.Values.CountBy(value => value).Select(count => count.Value).DefaultIfEmpty().Max(), graph.LongestOf(map));
            for (int row = 0; row < bound.ToSize; row++)
            {
                int[] expected = [.. Enumerable.Range(0, bound.Values.Length).Where(i => bound.Values[i] == row)];
                Assert.Equal(expected, order[bound.Offsets[row]..bound.Offsets[row + 1]]);
            }
        }
    }, iter: 50);

    [Fact]
    public void Sorted_elements_keep_their_own_order_where_they_are_equal() => RandomBinding.Gen.Sample(graph =>
    {
        Map dst = new Map.Stored("dst", RandomBinding.Edges, RandomBinding.Nodes);
        (int[] source, int[] destination) = (graph.Resolve(Src).Values, graph.Resolve(dst).Values);
        int[] order = [.. Enumerable.Range(0, source.Length).OrderBy(e => destination[e])];
        Assert.Equal([.. order.Select(e => source[e])], graph.Resolve(RandomBinding.Sorted(Src, dst)).Values);
        Assert.Equal([.. destination.Order()], graph.Resolve(RandomBinding.Sorted(dst, dst)).Values);
        Assert.True(graph.IsSorted(RandomBinding.Sorted(dst, dst)));
        Assert.Equal(source.Length, graph.SizeOf(RandomBinding.Sorted(dst, dst).From));
    }, iter: 50);

    [Fact]
    public void Elements_are_sorted_again_where_the_map_to_sort_by_is_replaced()
    {
        Map dst = new Map.Stored("dst", RandomBinding.Edges, RandomBinding.Nodes);
        var graph = new GraphBinding(new Dictionary<string, int> { ["Nodes"] = 3, ["Edges"] = 3 },
            new Dictionary<string, int[]> { ["src"] = [0, 1, 2], ["dst"] = [2, 0, 1] });
        Assert.Equal([1, 2, 0], graph.Resolve(RandomBinding.Sorted(Src, dst)).Values);
        GraphBinding other = graph.With(new Dictionary<string, int>(), new Dictionary<string, int[]> { ["dst"] = [1, 1, 0] });
        Assert.Equal([2, 0, 1], other.Resolve(RandomBinding.Sorted(Src, dst)).Values);
    }

    [Fact]
    public void Product_has_a_row_for_every_pair() => RandomBinding.Gen.Sample(graph =>
    {
        foreach (Map.Index index in RandomBinding.Maps.OfType<Map.Index>())
        {
            int columns = graph.SizeOf(index.Second.To);
            Assert.Equal(graph.SizeOf(index.First.To) * columns, graph.SizeOf(index.To));
            Assert.Equal([.. graph.Resolve(index.First).Values.Zip(graph.Resolve(index.Second).Values, (r, c) => (r * columns) + c)],
                graph.Resolve(index).Values);
        }
    }, iter: 50);

    [Fact]
    public void Either_side_has_the_fewer_pairs_of_every_type() => RandomBinding.Gen.Sample(graph =>
    {
        foreach (IndexSpace.Either space in RandomBinding.Maps.OfType<Map.Into>().Select(into => into.Ways))
        {
            (int[] type, int[] first, int[] second) = (graph.Resolve(space.Type).Values, graph.Resolve(space.First).Values, graph.Resolve(space.Second).Values);
            int Pairs(int t, int[] side) => Enumerable.Range(0, type.Length).Where(e => type[e] == t).Select(e => side[e]).Distinct().Count();
            (int, int, int, int)[] keys = [.. type.Select((t, e) =>
            {
                bool byFirst = Pairs(t, first) < Pairs(t, second);
                (int near, int far) = byFirst ? (first[e], second[e]) : (second[e], first[e]);
                return space.Part == EitherPart.Pairs || byFirst == (space.Part == EitherPart.Firsts) ? (t, near, -1, -1) : (t, near, far, e);
            })];
            (int, int, int, int)[] rows = [.. keys.Distinct().Order()];
            Assert.Equal(rows.Length, graph.SizeOf(space));
            Assert.Equal([.. keys.Select(key => Array.IndexOf(rows, key))], graph.Resolve(new Map.Into(space)).Values);
            Assert.Equal([.. rows.Select(row => row.Item1)], graph.Resolve(new Map.Via(space, space.Type)).Values);
        }
    }, iter: 50);

    [Fact]
    public void Every_element_is_of_one_kind() => RandomBinding.Gen.Sample(graph =>
    {
        foreach (IndexSpace.Either pairs in RandomBinding.Maps.OfType<Map.Into>().Select(into => into.Ways).Where(space => space.Part == EitherPart.Pairs))
        {
            int[] type = graph.Resolve(pairs.Type).Values;
            int[][] kinds = [.. new[] { EitherPart.ByFirst, EitherPart.BySecond }.Select(part =>
                graph.Resolve(new Map.Via(pairs with { Part = part }, new Map.Identity(pairs.Type.From))).Values)];
            Assert.Equal(Enumerable.Range(0, type.Length), kinds[0].Concat(kinds[1]).Order());
            foreach ((int[] elements, Map side, Map other) in new[] { (kinds[0], pairs.First, pairs.Second), (kinds[1], pairs.Second, pairs.First) })
            {
                (int[] near, int[] far) = (graph.Resolve(side).Values, graph.Resolve(other).Values);
                Assert.All(elements.GroupBy(e => type[e]), ofType =>
                    Assert.True(ofType.Select(e => near[e]).Distinct().Count() <= ofType.Select(e => far[e]).Distinct().Count()));
                Assert.Equal(elements.OrderBy(e => type[e]).ThenBy(e => near[e]).ThenBy(e => far[e]).ThenBy(e => e), elements);
            }
        }
    }, iter: 50);

    [Fact]
    public void Maps_are_bound_once()
    {
        GraphBinding graph = Graph([0, 1]);
        Assert.Same(graph.Resolve(Src), graph.Resolve(Src));
        Map pair = new Map.Pair(Src, Src);
        BoundMap[] bound = new BoundMap[8];
        Parallel.For(0, bound.Length, i => bound[i] = graph.Resolve(pair));
        Assert.All(bound, map => Assert.Same(bound[0], map));
    }

    [Fact]
    public void Maps_that_are_let_go_last_as_long_as_somebody_uses_them()
    {
        GraphBinding graph = Graph([1, 0]);
        var pair = new Map.Pair(Src, Src);
        BoundMap used = graph.Resolve(Src);
        WeakReference<BoundMap> derived = Derive(graph, pair);
        Collect();
        Assert.True(IsThere(derived));
        graph.LetGo();
        Collect();
        Assert.False(IsThere(derived));
        Assert.Same(used, graph.Resolve(Src));
        Assert.Equal(2, graph.SizeOf(pair.To));
        Assert.Equal([1, 0], graph.Resolve(pair).Values);
        Assert.Same(graph.Resolve(pair), graph.Resolve(pair));

        // Locals of another method are gone when it has returned.
        [MethodImpl(MethodImplOptions.NoInlining)]
        static WeakReference<BoundMap> Derive(GraphBinding graph, Map map) => new(graph.Resolve(map));

        [MethodImpl(MethodImplOptions.NoInlining)]
        static bool IsThere(WeakReference<BoundMap> map) => map.TryGetTarget(out _);
    }

    [Fact]
    public void What_was_asked_of_a_map_is_known_without_it()
    {
        int[] rows = [1, 1];
        GraphBinding graph = Graph(rows);
        Assert.True(graph.IsSorted(Src));
        Assert.Equal(2, graph.LongestOf(Src));
        graph.LetGo();
        Collect();
        rows[1] = 0;
        Assert.True(graph.IsSorted(Src));
        Assert.Equal(2, graph.LongestOf(Src));
        Assert.Equal(1, graph.Resolve(Src).Longest);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(-1)]
    [InlineData(int.MaxValue)]
    [InlineData(int.MinValue)]
    public void Index_out_of_range_is_refused(int index) => Refused("PG0201", () => Graph([0, index]).Resolve(Src));

    [Fact]
    public void Negative_size_is_refused() =>
        Refused("PG0202", () => new GraphBinding(new Dictionary<string, int> { ["Nodes"] = -1 }, Nothing));

    [Fact]
    public void Missing_space_is_refused() => Refused("PG0203", () => Graph([0, 1]).SizeOf(new IndexSpace.Declared("Graphs")));

    [Fact]
    public void Product_beyond_the_largest_index_is_refused()
    {
        var graph = new GraphBinding(new Dictionary<string, int> { ["A"] = 1 << 16, ["B"] = 1 << 15, ["C"] = int.MaxValue }, Nothing);
        IndexSpace a = new IndexSpace.Declared("A");
        IndexSpace b = new IndexSpace.Declared("B");
        IndexSpace c = new IndexSpace.Declared("C");
        Refused("PG0204", () => graph.SizeOf(new IndexSpace.Product(a, b)));
        Refused("PG0204", () => graph.SizeOf(new IndexSpace.Product(c, c)));
        Refused("PG0204", () => graph.SizeOf(new IndexSpace.Product(new IndexSpace.Product(b, b), b)));
        Assert.Equal(1 << 30, graph.SizeOf(new IndexSpace.Product(b, b)));
    }

    [Fact]
    public void Missing_or_misfit_array_is_refused()
    {
        Refused("PG0205", () => Graph([0]).Resolve(Src));
        Refused("PG0205", () => Graph([0, 1]).Resolve(new Map.Stored("tail", RandomBinding.Edges, RandomBinding.Nodes)));
    }

    [Fact]
    public void Arrays_of_the_caller_are_copied()
    {
        int[] source = [0, 1];
        GraphBinding graph = Graph(source);
        BoundMap bound = graph.Resolve(Src);
        source[0] = 7;
        Assert.Equal([0, 1], bound.Values);
    }

    private static readonly Dictionary<string, int[]> Nothing = [];

    private static void Collect() => GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: true);

    private static GraphBinding Graph(int[] source) =>
        new(new Dictionary<string, int> { ["Nodes"] = 2, ["Edges"] = 2 }, new Dictionary<string, int[]> { ["src"] = source });

    private static void Refused(string id, Action action) => Assert.Equal(id, Assert.Throws<PigeonException>(action).Diagnostic.Id);
}
