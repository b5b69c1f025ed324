using Pigeon.Kernels;

namespace Pigeon.Compiler;

/// <summary>What the cost model asks of a graph, each asked once.</summary>
internal sealed class GraphCounts(GraphBinding graph)
{
    private readonly Dictionary<IndexSpace, double> rows = [];
    private readonly Dictionary<Map, bool> sorted = [];

    /// <summary>The rows of a space.</summary>
    public double Rows(IndexSpace space)
    {
        if (!rows.TryGetValue(space, out double size))
        {
            rows[space] = size = graph.SizeOf(space);
        }

        return size;
    }

    /// <summary>
    /// The rows among which a walk gathers at a time, from a table that no cache holds. Who walks the elements of each pair of type and target goes
    /// type by type, and reads the rows of one type's elements only: as many as there are pairs of type and row for a type. So does who gathers rows of
    /// pairs themselves.
    /// </summary>
    /// <param name="walk">The map along which elements are walked; null for their order.</param>
    /// <param name="along">The map from an element to the row.</param>
    /// <param name="rowBytes">The bytes of a row.</param>
    /// <param name="machine">The caches.</param>
    public double RowsNear(Map? walk, Map along, double rowBytes, MachineCosts machine)
    {
        double all = Rows(along.To);
        if (walk is not Map.Pair { First: Map.Stored type } || machine.LevelIndex(all * rowBytes) < machine.Levels.Count - 1)
        {
            return all;
        }

        IndexSpace? pairs = along switch
        {
            Map.Stored when along.From == type.From && along != type => new IndexSpace.Distinct(type, along),
            Map.Pair { Second: Map.Stored } pair when pair.First == type => pair.To,
            _ => null,
        };
        return pairs is null ? all : Math.Min(all, Rows(pairs) / Math.Max(1, Rows(type.To)));
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
