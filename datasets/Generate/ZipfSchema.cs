using System.Collections.Immutable;
using System.Globalization;

namespace Pigeon.Datasets;

/// <summary>Draws what is not known of a graph: the sizes of its types, and which node types its relations join.</summary>
internal static class ZipfSchema
{
    /// <summary>Node types <c>type-0</c>, <c>type-1</c>, … whose size falls by Zipf's law, 1 / (k + 2).</summary>
    public static ImmutableArray<NodeTypeShape> NodeTypes(int nodes, int types) =>
        [.. Apportionment.ByRank(nodes, types, k => 1.0 / (k + 2)).Select((count, k) => new NodeTypeShape(Name("type", k), count))];

    /// <summary>
    /// Relations <c>rel-0</c>, <c>rel-1</c>, … between node types drawn in proportion to their size, but such that the types have room
    /// for the distinct ends wanted. Sizes fall by the Zipf–Mandelbrot law 1 / (k + 2 + R/12)², which fits the largest and the median
    /// relation of FB15k-237. The smallest relations start at each node type once, so that none is left out.
    /// </summary>
    public static ImmutableArray<RelationShape> Relations(ImmutableArray<NodeTypeShape> nodeTypes, int edges, int relations,
        double sourceRatio, double destinationRatio)
    {
        var random = new SplitMix64(seed: 0, stream: 0);
        double offset = 2 + relations / 12.0;
        int[] sizes = Apportionment.ByRank(edges, relations, k => 1.0 / ((k + offset) * (k + offset)));
        int nodes = nodeTypes.Sum(type => type.Count);
        var result = ImmutableArray.CreateBuilder<RelationShape>(relations);
        for (int r = 0; r < relations; r++)
        {
            int fromEnd = relations - 1 - r;
            int source = fromEnd < nodeTypes.Length ? fromEnd : DrawWithRoom(ref random, sourceRatio * sizes[r]);
            int destination = DrawWithRoom(ref random, Math.Max(destinationRatio * sizes[r], 2.0 * sizes[r] / nodeTypes[source].Count));
            result.Add(new(Name("rel", r), source, destination, sizes[r]));
        }

        return result.MoveToImmutable();

        int DrawWithRoom(ref SplitMix64 random, double room)
        {
            const int tries = 64;
            int best = 0;
            for (int i = 0; i < tries; i++)
            {
                int drawn = TypeOf(random.Below(nodes));
                if (nodeTypes[drawn].Count >= room)
                {
                    return drawn;
                }

                best = nodeTypes[drawn].Count > nodeTypes[best].Count ? drawn : best;
            }

            return best;
        }

        int TypeOf(int node)
        {
            int type = 0;
            for (; node >= nodeTypes[type].Count; type++)
            {
                node -= nodeTypes[type].Count;
            }

            return type;
        }
    }

    private static string Name(string prefix, int number) => prefix + "-" + number.ToString(CultureInfo.InvariantCulture);
}
