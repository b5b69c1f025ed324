using System.Collections.Immutable;

namespace Pigeon.Datasets;

/// <summary>
/// Generates questions in RCC-8 as STaR's training files are described: b ways of k edges from head to tail that share no other node, whose
/// compositions have one relation in common, the answer; as many questions for each answer. Longer ways begin shorter: edges
/// are then replaced by ways that compose to exactly their relation.
/// </summary>
public static class Rcc8Generator
{
    private const int LongestDrawn = 4;
    private const int PoolSize = 100_000;
    private const int ShortestTrained = 2;
    private const int MostPathsTrained = 3;

    private static readonly ImmutableArray<(int Length, int Paths)> TestCells = [(5, 1), (5, 2), (7, 2), (9, 1), (9, 3)];

    /// <summary>Questions with 2 to 4 edges and 1 to 3 ways to learn from, and longer ones to test.</summary>
    /// <param name="seed">The seed.</param>
    /// <param name="perAnswer">How many questions of each length and number of ways have the same answer in training; 800 as published.</param>
    /// <param name="perTestAnswer">How many in a test cell.</param>
    public static QueryDataset Create(ulong seed, int perAnswer = 800, int perTestAnswer = 125)
    {
        var pools = new Pools(seed);
        ulong stream = 1;
        RelationQuery[] train =
        [
            .. from length in Enumerable.Range(ShortestTrained, LongestDrawn - ShortestTrained + 1)
               from paths in Enumerable.Range(1, MostPathsTrained)
               from query in Cell(pools, new(seed, stream++), length, paths, perAnswer)
               select query,
        ];
        return new("gen:rcc8", Set("gen:rcc8", train),
        [
            .. TestCells.Select(cell => new QueryCell(cell.Length, cell.Paths,
                Set(FormattableString.Invariant($"gen:rcc8 k={cell.Length},b={cell.Paths}"),
                    [.. Cell(pools, new(seed, stream++), cell.Length, cell.Paths, perTestAnswer)]))),
        ]);
    }

    private static QuerySet Set(string name, RelationQuery[] queries)
    {
        // Relations are numbered in ordinal order, as readers do.
        ImmutableArray<string> names = [.. Rcc8.Names.Order(StringComparer.Ordinal)];
        int[] number = [.. Rcc8.Names.Select(relation => names.IndexOf(relation))];
        return new(name, names, [.. queries.Select(query => query with
        {
            Types = [.. query.Types.Select(type => number[type])],
            Answer = number[query.Answer],
        })]);
    }

    private static IEnumerable<RelationQuery> Cell(Pools pools, SplitMix64 random, int length, int paths, int perAnswer)
    {
        for (int answer = 0; answer < Rcc8.Names.Length; answer++)
        {
            for (int i = 0; i < perAnswer; i++)
            {
                int drawn = length <= LongestDrawn ? length : Math.Min(LongestDrawn, (length / 2) + 1);
                int[][] ways = pools.Draw(ref random, answer, drawn, paths);
                yield return Graph([.. ways.Select(way => pools.Lengthen(ref random, way, length))], answer);
            }
        }
    }

    /// <summary>Ways side by side: the head is node 0, the tail the last.</summary>
    private static RelationQuery Graph(int[][] ways, int answer)
    {
        int tail = 1 + ways.Sum(way => way.Length - 1);
        var sources = ImmutableArray.CreateBuilder<int>();
        var destinations = ImmutableArray.CreateBuilder<int>();
        int next = 1;
        foreach (int[] way in ways)
        {
            int at = 0;
            for (int e = 0; e < way.Length; e++)
            {
                int to = e == way.Length - 1 ? tail : next++;
                sources.Add(at);
                destinations.Add(to);
                at = to;
            }
        }

        return new(tail + 1, sources.ToImmutable(), destinations.ToImmutable(), [.. ways.SelectMany(way => way)], 0, tail, answer);
    }

    /// <summary>Random ways of each length with what they compose to.</summary>
    private sealed class Pools
    {
        private readonly Dictionary<(int Length, int Relation), List<(int[] Way, byte Set)>> holding = [];
        private readonly Dictionary<(int Length, int Relation), List<int[]>> exact = [];

        public Pools(ulong seed)
        {
            var random = new SplitMix64(seed, 0);
            for (int length = 2; length <= LongestDrawn; length++)
            {
                for (int relation = 0; relation < Rcc8.Names.Length; relation++)
                {
                    (holding[(length, relation)], exact[(length, relation)]) = ([], []);
                }

                for (int i = 0; i < PoolSize; i++)
                {
                    int[] way = new int[length];
                    byte set = Rcc8.Equal;
                    for (int e = 0; e < length; e++)
                    {
                        way[e] = random.Below(Rcc8.Names.Length);
                        set = Rcc8.Compose(set, (byte)(1 << way[e]));
                    }

                    for (int relation = 0; relation < Rcc8.Names.Length; relation++)
                    {
                        if ((set >> relation & 1) != 0)
                        {
                            holding[(length, relation)].Add((way, set));
                        }
                    }

                    if (byte.PopCount(set) == 1)
                    {
                        exact[(length, byte.TrailingZeroCount(set))].Add(way);
                    }
                }
            }
        }

        /// <summary>Ways that have one relation in common.</summary>
        public int[][] Draw(ref SplitMix64 random, int relation, int length, int paths)
        {
            if (paths == 1)
            {
                return [Any(ref random, exact[(length, relation)])];
            }

            int[][] ways = new int[paths][];
            while (true)
            {
                byte common = Rcc8.Any;
                for (int path = 0; path < paths; path++)
                {
                    (ways[path], byte set) = Any(ref random, holding[(length, relation)]);
                    common &= set;
                }

                if (common == 1 << relation)
                {
                    return ways;
                }
            }
        }

        /// <summary>A way with edges replaced until it has a length.</summary>
        public int[] Lengthen(ref SplitMix64 random, int[] way, int length)
        {
            List<int> longer = [.. way];
            while (longer.Count < length)
            {
                int at = random.Below(longer.Count);
                int by = 2 + random.Below(Math.Min(LongestDrawn - 1, length - longer.Count));
                int[] instead = Any(ref random, exact[(by, longer[at])]);
                longer.RemoveAt(at);
                longer.InsertRange(at, instead);
            }

            return [.. longer];
        }

        private static T Any<T>(ref SplitMix64 random, List<T> items) => items[random.Below(items.Count)];
    }
}
