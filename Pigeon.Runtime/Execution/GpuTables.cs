using Pigeon.Kernels;

namespace Pigeon.Runtime;

/// <summary>The tables by which blocks find their work, made once for a bound graph.</summary>
internal static class GpuTables
{
    /// <summary>Cuts the rows of each type into tiles.</summary>
    /// <param name="offsets">The offsets of the types' rows.</param>
    /// <param name="rows">The most rows of a tile.</param>
    /// <param name="lead">What each row counts as.</param>
    /// <exception cref="PigeonException">PG0204: there are 2^31 rows or more.</exception>
    public static (int[] Types, int[] Starts, int[] TypeTiles) Tiles(ReadOnlySpan<int> offsets, int rows, int lead)
    {
        if ((long)offsets[^1] * lead >= int.MaxValue)
        {
            throw new PigeonException("PG0204", $"a kernel would have {(long)offsets[^1] * lead} rows; there can be fewer than 2^31", "GEMM",
                "use a smaller graph, or fewer heads");
        }

        var types = new List<int>();
        var starts = new List<int>();
        int[] typeTiles = new int[offsets.Length];
        for (int type = 0; type + 1 < offsets.Length; type++)
        {
            typeTiles[type] = types.Count;
            for (long at = (long)offsets[type] * lead; at < (long)offsets[type + 1] * lead; at += rows)
            {
                types.Add(type);
                starts.Add((int)at);
            }
        }

        typeTiles[^1] = types.Count;
        starts.Add(offsets[^1] * lead);
        return ([.. types], [.. starts], typeTiles);
    }

    /// <summary>The rows that have more than a number of neighbours along one of some maps.</summary>
    public static int[] Heavy(int rows, IReadOnlyList<int[]> offsets, int from) =>
        [.. Enumerable.Range(0, rows).Where(i => offsets.Any(o => o[i + 1] - o[i] > from))];

    /// <summary>The rows of a run of a sum: so many that no more than a few hundred runs share the work of one type.</summary>
    public static int RunRows(int least, long rows)
    {
        const int MostRuns = 512;
        return (int)Math.Min(int.MaxValue / 2, Math.Max(least, (rows + MostRuns - 1) / MostRuns));
    }
}
