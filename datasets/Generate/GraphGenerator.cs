using System.Collections.Immutable;
using Pigeon.Runtime;

namespace Pigeon.Datasets;

/// <summary>
/// Generates graphs of given counts. The nodes of a type follow one another. In each relation a chosen number of distinct nodes are
/// sources, each at least once, the rest of the edges prefer few of them (cubic skew); the same goes for destinations, which are
/// then shuffled. Repeated edges, self loops and isolated nodes occur. The same shape and seed give the same graph on any machine.
/// </summary>
public static class GraphGenerator
{
    /// <summary>Generates the graph of a shape.</summary>
    public static GraphDataset Create(GraphShape shape, ulong seed)
    {
        int[] start = Starts(shape.NodeTypes);
        int[] popularity = Popularity(shape.NodeTypes, start, seed);
        int edges = shape.Relations.Sum(relation => relation.Edges);
        int[] source = new int[edges];
        int[] destination = new int[edges];
        int[] type = new int[edges];
        int[] sources = DistinctEnds(shape, shape.SourceRatio, relation => relation.SourceType);
        int[] destinations = DistinctEnds(shape, shape.DestinationRatio, relation => relation.DestinationType);
        int first = 0;
        for (int r = 0; r < shape.Relations.Length; r++)
        {
            var relation = shape.Relations[r];
            var random = new SplitMix64(seed, (ulong)r + 1);
            Fill(source.AsSpan(first, relation.Edges), sources[r], NodesOf(relation.SourceType), ref random);
            Fill(destination.AsSpan(first, relation.Edges), destinations[r], NodesOf(relation.DestinationType), ref random);
            random.Shuffle(destination.AsSpan(first, relation.Edges));
            type.AsSpan(first, relation.Edges).Fill(r);
            first += relation.Edges;
        }

        var graph = HeteroGraph.Create([.. shape.NodeTypes.Select(t => t.Name)],
            [.. shape.Relations.Select(r => new EdgeType(r.Name, r.SourceType, r.DestinationType))],
            NodeTypeOf(shape.NodeTypes, start), source, destination, type);
        return new("gen:" + shape.Name, shape.WithReverse ? graph.WithReverse() : graph,
            $"generated in the shape of {shape.Description}, seed {seed}{(shape.WithReverse ? ", with reverse edges" : "")}");

        ReadOnlySpan<int> NodesOf(int nodeType) => popularity.AsSpan(start[nodeType], shape.NodeTypes[nodeType].Count);
    }

    /// <summary>
    /// How many distinct nodes each relation has at one end: in proportion to its edges, but not more than there are, and not so few
    /// that all edges would be the same ones.
    /// </summary>
    private static int[] DistinctEnds(GraphShape shape, double ratio, Func<RelationShape, int> typeOf)
    {
        int relations = shape.Relations.Length;
        double[] weights = new double[relations];
        int[] least = new int[relations];
        int[] most = new int[relations];
        for (int r = 0; r < relations; r++)
        {
            int edges = shape.Relations[r].Edges;
            weights[r] = edges;
            most[r] = Math.Min(edges, shape.NodeTypes[typeOf(shape.Relations[r])].Count);
            least[r] = Math.Min(most[r], (int)Math.Ceiling(Math.Sqrt(edges)));
        }

        return Apportionment.Divide((int)(ratio * shape.Relations.Sum(relation => (long)relation.Edges)), weights, least, most);
    }

    /// <summary>Fills one end of a relation with <paramref name="distinct"/> of the nodes.</summary>
    private static void Fill(Span<int> ends, int distinct, ReadOnlySpan<int> nodes, ref SplitMix64 random)
    {
        // Mostly near 0, so that relations share their popular nodes.
        double cube = Cube(random.Fraction());
        int firstRank = (int)(nodes.Length * (cube * cube));
        int spare = nodes.Length - distinct;
        for (int i = 0; i < distinct; i++)
        {
            // Rising in i, and slowly at first: distinct ranks, dense where nodes are popular.
            int rank = i + (int)(spare * Cube((i + random.Fraction()) / distinct));
            ends[i] = nodes[(int)(((long)firstRank + rank) % nodes.Length)];
        }

        for (int e = distinct; e < ends.Length; e++)
        {
            ends[e] = ends[(int)(distinct * Cube(random.Fraction()))];
        }
    }

    private static double Cube(double x) => x * x * x;

    /// <summary>The nodes of each type in an order of falling popularity, which is random.</summary>
    private static int[] Popularity(ImmutableArray<NodeTypeShape> types, int[] start, ulong seed)
    {
        int[] nodes = [.. Enumerable.Range(0, start[^1])];
        var random = new SplitMix64(seed, stream: 0);
        for (int k = 0; k < types.Length; k++)
        {
            random.Shuffle(nodes.AsSpan(start[k], types[k].Count));
        }

        return nodes;
    }

    private static int[] Starts(ImmutableArray<NodeTypeShape> types)
    {
        int[] start = new int[types.Length + 1];
        for (int k = 0; k < types.Length; k++)
        {
            start[k + 1] = checked(start[k] + types[k].Count);
        }

        return start;
    }

    private static int[] NodeTypeOf(ImmutableArray<NodeTypeShape> types, int[] start)
    {
        int[] typeOf = new int[start[^1]];
        for (int k = 0; k < types.Length; k++)
        {
            typeOf.AsSpan(start[k], types[k].Count).Fill(k);
        }

        return typeOf;
    }
}
