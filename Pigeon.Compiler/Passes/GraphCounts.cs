using System.Collections.Immutable;
using Pigeon.Kernels;

namespace Pigeon.Compiler;

/// <summary>What the cost model asks of a graph, each asked once.</summary>
internal sealed class GraphCounts(GraphBinding graph)
{
    private const double LineBytes = 64;
    private const double HubShare = 16;
    private readonly Dictionary<IndexSpace, double> rows = [];
    private readonly Dictionary<Map, bool> sorted = [];
    private readonly Dictionary<(Map? Walk, Map Along, double RowBytes), ImmutableArray<double>> shares = [];

    /// <summary>The rows of a space.</summary>
    public double Rows(IndexSpace space)
    {
        if (!rows.TryGetValue(space, out double size))
        {
            rows[space] = size = graph.SizeOf(space);
        }

        return size;
    }

    /// <summary>Whether threads would wait for the one that walks the longest row of a map, if each row is walked by one.</summary>
    public bool HasHub(Map map) => Longest(map) * HubShare > Rows(map.From);

    /// <summary>The most elements that one row of a map has.</summary>
    public long Longest(Map map) => graph.LongestOf(map);

    /// <summary>
    /// The shares of a walk's accesses that each level of the memory serves. A table that fits into a level is all there; of a larger one, the rows that
    /// the walk comes back to soon are.
    /// </summary>
    /// <param name="walk">The map along which elements are walked; null for their order.</param>
    /// <param name="along">The map from an element to the row.</param>
    /// <param name="rowBytes">The bytes of a row.</param>
    /// <param name="machine">The levels.</param>
    public ImmutableArray<double> SharesOf(Map? walk, Map along, double rowBytes, MachineCosts machine)
    {
        if (!shares.TryGetValue((walk, along, rowBytes), out ImmutableArray<double> known))
        {
            shares[(walk, along, rowBytes)] = known = Measure(walk, along, rowBytes, machine);
        }

        return known;
    }

    private ImmutableArray<double> Measure(Map? walk, Map along, double rowBytes, MachineCosts machine)
    {
        int last = machine.LevelIndex(Rows(along.To) * rowBytes);
        double[] found = new double[machine.Levels.Count];
        double nearer = 0;
        if (last > 0 && (walk is null || walk.From == along.From))
        {
            int shift = Math.Max(0, (int)Math.Log2(LineBytes / rowBytes));
            Reuse reuse = graph.ReuseOf(walk, along, shift);
            for (int level = 0; level < last; level++)
            {
                double hits = reuse.Hits(machine.Levels[level].Bytes / Math.Max(LineBytes, rowBytes));
                (found[level], nearer) = (hits - nearer, hits);
            }
        }

        found[last] = 1 - nearer;
        return [.. found];
    }

    /// <summary>Whether going through a map's source in order also goes through its target in order.</summary>
    public bool IsSorted(Map map)
    {
        if (!sorted.TryGetValue(map, out bool rising))
        {
            sorted[map] = rising = map switch
            {
                Map.Identity or Map.Unit => true,

                // A composed map is made only where a kernel needs it; it is rarely sorted.
                Map.Composed => false,
                _ => graph.IsSorted(map),
            };
        }

        return rising;
    }
}
