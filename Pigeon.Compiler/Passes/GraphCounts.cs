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
