namespace Pigeon.Kernels;

/// <summary>Cuts the rows of a space into contiguous parts of about equal cost.</summary>
public static class Partition
{
    /// <summary>A row costs as much as this many neighbours, beside its own neighbours.</summary>
    private const int RowCost = 4;

    /// <summary>A row with fewer neighbours is not worth the launches and the join.</summary>
    public const int LeastShared = 1024;

    /// <summary>A row is shared only if its neighbours are at least this part of a fair share.</summary>
    private const int LeastPart = 8;

    /// <summary>
    /// Boundaries of <paramref name="parts"/> parts: part <c>p</c> is positions <c>b[p] … b[p+1]</c>. A row counts with its neighbours.
    /// </summary>
    /// <param name="rows">The number of rows.</param>
    /// <param name="parts">The number of parts.</param>
    /// <param name="offsets">The offsets of the rows' neighbours (rows + 1 of them), or null where every row costs the same.</param>
    /// <param name="order">The row at each position, or null where that is the position itself.</param>
    public static int[] Split(int rows, int parts, int[]? offsets = null, int[]? order = null) => Cut(rows, parts, offsets, order, int.MaxValue).Bounds;

    /// <summary>
    /// Cuts rows into parts, and rows with many neighbours that a boundary falls into among the parts. A part has shares of two rows only where these
    /// are together no more neighbours than one of the rows has: so many has a loop buffer rows for.
    /// </summary>
    /// <param name="rows">The number of rows.</param>
    /// <param name="parts">The number of parts.</param>
    /// <param name="offsets">The offsets of the rows' neighbours (rows + 1 of them), or null where every row costs the same.</param>
    /// <param name="order">The row at each position, or null where that is the position itself.</param>
    /// <param name="least">The neighbours that a row must have to be shared; <see cref="int.MaxValue"/> to share none.</param>
    public static RowCut Cut(int rows, int parts, int[]? offsets, int[]? order, int least = LeastShared)
    {
        int[]? costs = offsets is not null && order is not null ? InOrder(offsets, order) : offsets;
        int[] bounds = new int[parts + 1];
        bounds[parts] = rows;
        long total = CostBefore(rows);
        long fewest = least == int.MaxValue ? long.MaxValue : Math.Max(least, total / parts / LeastPart);
        List<int> shared = [];
        for (int p = 1; p < parts; p++)
        {
            long target = total * p / parts;
            int low = bounds[p - 1];
            int high = rows;
            while (low < high)
            {
                int middle = low + ((high - low) / 2);
                if (CostBefore(middle) < target)
                {
                    low = middle + 1;
                }
                else
                {
                    high = middle;
                }
            }

            bounds[p] = low;
            if (low > 0 && Neighbours(low - 1) >= fewest && FitsBehindLast(low - 1, p))
            {
                bounds[p] = low - 1;
                if (shared.Count == 0 || shared[^1] != low - 1)
                {
                    shared.Add(low - 1);
                }
            }
        }

        return new(bounds, [.. shared], [.. shared.SelectMany(SharesOf)]);

        int Neighbours(int position) => costs is null ? 0 : costs[position + 1] - costs[position];

        // The part before boundary p may begin inside a shared row, and would end inside this one.
        bool FitsBehindLast(int position, int p) => shared.Count == 0 || shared[^1] == position || bounds[p - 1] != shared[^1] ||
            CostBefore(shared[^1] + 1) - (total * (p - 1) / parts) + (total * p / parts) - CostBefore(position) <=
                Math.Max(Neighbours(shared[^1]), Neighbours(position));

        long CostBefore(int position) => ((long)position * RowCost) + (costs is null ? 0 : costs[position]);

        IEnumerable<int> SharesOf(int position)
        {
            int row = order is null ? position : order[position];
            return Enumerable.Range(0, parts + 1).Select(p => offsets![row] +
                (int)(p == parts ? Neighbours(position) : Math.Clamp((total * p / parts) - CostBefore(position), 0, Neighbours(position))));
        }
    }

    private static int[] InOrder(int[] offsets, int[] order)
    {
        int[] prefix = new int[order.Length + 1];
        for (int p = 0; p < order.Length; p++)
        {
            prefix[p + 1] = prefix[p] + offsets[order[p] + 1] - offsets[order[p]];
        }

        return prefix;
    }
}
