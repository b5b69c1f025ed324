using CsCheck;
using Pigeon.Kernels;
using Xunit;

namespace Pigeon.Tests;

public sealed class MapTests
{
    private static readonly (Map Outer, Map Inner)[] Composable = [.. RandomBinding.Maps.SelectMany(outer =>
        RandomBinding.Maps.Where(inner => inner.To == outer.From).Select(inner => (outer, inner)))];

    [Fact]
    public void Composition_applies_one_after_the_other() => RandomBinding.Gen.Sample(graph =>
    {
        foreach ((Map outer, Map inner) in Composable)
        {
            int[] second = graph.Resolve(outer).Values;
            int[] expected = [.. graph.Resolve(inner).Values.Select(i => second[i])];
            Assert.Equal(expected, graph.Resolve(Map.Compose(outer, inner)).Values);
        }
    }, iter: 30);

    [Fact]
    public void Composition_joins_the_spaces() => Assert.All(Composable, pair =>
    {
        Map composed = Map.Compose(pair.Outer, pair.Inner);
        Assert.Equal((pair.Inner.From, pair.Outer.To), (composed.From, composed.To));
    });

    [Fact]
    public void Composition_is_associative_in_normal_form()
    {
        foreach ((Map b, Map c) in Composable)
        {
            foreach (Map a in RandomBinding.Maps.Where(a => a.From == b.To))
            {
                Assert.Equal(Map.Compose(a, Map.Compose(b, c)), Map.Compose(Map.Compose(a, b), c));
            }
        }
    }

    [Fact]
    public void Identities_vanish() => Assert.All(RandomBinding.Maps, map =>
    {
        Assert.Equal(map, Map.Compose(map, new Map.Identity(map.From)));
        Assert.Equal(map, Map.Compose(new Map.Identity(map.To), map));
    });

    [Fact]
    public void Factor_composed_with_the_inner_map_is_the_whole() => RandomBinding.Gen.Sample(graph =>
    {
        Map[] maps = [.. RandomBinding.Maps, .. Composable.Select(pair => Map.Compose(pair.Outer, pair.Inner))];
        foreach (Map inner in RandomBinding.Maps)
        {
            foreach (Map whole in maps.Where(whole => whole.From == inner.From))
            {
                if (Map.Factor(whole, inner) is { } factor)
                {
                    Assert.Equal((inner.To, whole.To), (factor.From, factor.To));
                    int[] values = graph.Resolve(factor).Values;
                    int[] composed = [.. graph.Resolve(inner).Values.Select(i => values[i])];
                    Assert.Equal(graph.Resolve(whole).Values, composed);
                }
            }
        }
    }, iter: 20);

    [Fact]
    public void Factor_finds_what_pairs_hold()
    {
        foreach (Map.Pair pair in RandomBinding.Maps.OfType<Map.Pair>())
        {
            Assert.Equal(new Map.Component((IndexSpace.Distinct)pair.To, 0), Map.Factor(pair.First, pair));
            Assert.NotNull(Map.Factor(pair.Second, pair));
            Assert.NotNull(Map.Factor(new Map.Unit(pair.From), pair));
            Assert.Equal(new Map.Identity(pair.To), Map.Factor(pair, pair));
        }
    }

    [Fact]
    public void Ways_determine_their_end_their_pair_and_the_type()
    {
        Map src = new Map.Stored("src", RandomBinding.Edges, RandomBinding.Nodes);
        Map dst = new Map.Stored("dst", RandomBinding.Edges, RandomBinding.Nodes);
        Map type = new Map.Stored("etype", RandomBinding.Edges, new IndexSpace.Declared("Types"));
        var pairs = new IndexSpace.Either(type, src, dst, EitherPart.Pairs);
        IndexSpace.Either firsts = pairs with { Part = EitherPart.Firsts };
        IndexSpace.Either seconds = pairs with { Part = EitherPart.Seconds };
        Assert.Equal((false, true, false), (Map.Determines(pairs, src), Map.Determines(firsts, src), Map.Determines(seconds, src)));
        Assert.Equal((false, false, true), (Map.Determines(pairs, dst), Map.Determines(firsts, dst), Map.Determines(seconds, dst)));
        Assert.All([pairs, firsts, seconds], ways => Assert.True(Map.Determines(ways, type) && Map.Determines(ways, new Map.Into(pairs))));
        Assert.True(Map.Determines(seconds, new Map.Pair(type, dst)));
        Assert.False(Map.Determines(pairs, new Map.Into(firsts)));
        Assert.False(Map.Determines(seconds, new Map.Into(firsts)));
        Assert.Equal(new Map.Via(pairs, type), Map.Factor(new Map.Via(firsts, type), new Map.Via(firsts, new Map.Into(pairs))));
        Assert.Equal(new Map.Via(seconds, dst), Map.Compose(new Map.Component(new(type, dst), 1), new Map.Via(seconds, new Map.Pair(type, dst))));
    }

    [Fact]
    public void Factor_of_unrelated_maps_is_none()
    {
        Map src = new Map.Stored("src", RandomBinding.Edges, RandomBinding.Nodes);
        Map dst = new Map.Stored("dst", RandomBinding.Edges, RandomBinding.Nodes);
        Assert.Null(Map.Factor(src, dst));
        Assert.Null(Map.Factor(new Map.Identity(RandomBinding.Edges), dst));
        Assert.Null(Map.Factor(src, new Map.Unit(RandomBinding.Edges)));
    }

    [Fact]
    public void Maps_are_equal_by_what_they_are_made_of()
    {
        Assert.Equal(RandomBinding.Maps.Count, RandomBinding.Maps.Distinct().Count());
        Map src = new Map.Stored("src", RandomBinding.Edges, RandomBinding.Nodes);
        Assert.Equal(src, new Map.Stored("src", RandomBinding.Edges, RandomBinding.Nodes));
        Assert.NotEqual(src, new Map.Stored("src", RandomBinding.Nodes, RandomBinding.Edges));
        Assert.NotEqual<Map>(new Map.Unit(IndexSpace.One), new Map.Identity(IndexSpace.One));
    }

    [Fact]
    public void Deeply_nested_maps_compare_in_linear_time()
    {
        // 2^40 comparisons would not end.
        Assert.Equal(Nested(40), Nested(40));
        Assert.Equal(Nested(40).GetHashCode(), Nested(40).GetHashCode());

        static Map Nested(int depth)
        {
            Map map = new Map.Stored("src", RandomBinding.Edges, RandomBinding.Nodes);
            for (int level = 0; level < depth; level++)
            {
                map = new Map.Pair(map, new Map.Stored("dst", RandomBinding.Edges, RandomBinding.Nodes));
            }

            return map;
        }
    }
}
