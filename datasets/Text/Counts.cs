using Pigeon.Kernels;

namespace Pigeon.Datasets;

/// <summary>Counts that files state or imply, checked before memory is taken for them.</summary>
internal static class Counts
{
    /// <summary>The largest id, so that an array has room for one more.</summary>
    public const int LargestId = 0x7FFF_FF00;

    /// <summary>The number of nodes that the largest id implies.</summary>
    /// <exception cref="PigeonException">PG0311: next to none of the ids occur, so one of them is a slip.</exception>
    public static int OfNodes(int largest, int edges, string place) =>
        FromLargestId(largest, edges, plausibleAlways: 1 << 24, plausiblePerEdge: 64, "node", place);

    /// <summary>The number of edge types that the largest id implies.</summary>
    /// <exception cref="PigeonException">PG0311.</exception>
    public static int OfTypes(int largest, int edges, string place) =>
        FromLargestId(largest, edges, plausibleAlways: 1 << 16, plausiblePerEdge: 1, "type", place);

    /// <summary>Refuses a stated count that is not the one found.</summary>
    /// <exception cref="PigeonException">PG0309.</exception>
    public static void RequireEqual(long stated, long found, string what, string place)
    {
        if (stated != found)
        {
            throw new PigeonException(DiagnosticIds.CountDisagrees, $"states {stated} {what}, but {found} are there", place,
                "the file is cut short or edited; make it again");
        }
    }

    private static int FromLargestId(int largest, int edges, int plausibleAlways, int plausiblePerEdge, string what, string place)
    {
        long count = (long)largest + 1;
        return count <= plausibleAlways || count <= (long)plausiblePerEdge * edges
            ? (int)count
            : throw new PigeonException(DiagnosticIds.AbsurdCount, $"{what} id {largest} would make {count} {what}s for {edges} edges",
                place, "number them from 0 without gaps, or state the count");
    }
}
