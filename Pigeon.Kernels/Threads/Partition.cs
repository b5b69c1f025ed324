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
    /// Cuts rows into parts, and shares rows with many neighbours out among all parts. At most <see cref="MostShared"/> rows are shared, the longest,
    /// and a part's shares are together no more neighbours than the longest row has: so many has a loop buffer rows for.
    /// </summary>
    /// <param name="rows">The number of rows.</param>
    /// <param name="parts">The number of parts.</param>
    /// <param name="offsets">The offsets of the rows' neighbours (rows + 1 of them), or null where every row costs the same.</param>
    /// <param name="order">The row at each position, or null where that is the position itself.</param>
    /// <param name="least">The neighbours that a row must have to be shared; <see cref="int.MaxValue"/> to share none.</param>
    public static RowCut Cut(int rows, int parts, int[]? offsets, int[]? order, int least = LeastShared)
    {
        int[]? costs = offsets is not null && order is not null ? InOrder(offsets, order) : offsets;
        int[] shared = costs is null || parts == 1 || least == int.MaxValue ? [] : Shared(costs, rows, parts, least);
        int[] bounds = new int[parts + 1];
        bounds[parts] = rows;
        long total = CostBefore(rows);
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
        }

        return new(bounds, shared, [.. shared.SelectMany(SharesOf)]);

        long CostBefore(int position) => ((long)position * RowCost) + (costs is null ? 0 : costs[position]) -
            shared.TakeWhile(row => row < position).Sum(row => (long)costs![row + 1] - costs[row]);

        IEnumerable<int> SharesOf(int position)
        {
            int row = order is null ? position : order[position];
            long neighbours = offsets![row + 1] - offsets[row];
            return Enumerable.Range(0, parts + 1).Select(p => offsets[row] + (int)(neighbours * p / parts));
        }
    }

    /// <summary>The most rows that some parts share.</summary>
    public static int MostShared(int parts) => parts == 1 ? 0 : 2 * parts;

    /// <summary>The positions of the rows to share, rising.</summary>
    private static int[] Shared(int[] costs, int rows, int parts, int least)
    {
        int Neighbours(int position) => costs[position + 1] - costs[position];

        long fewest = Math.Max(least, costs[rows] / parts / LeastPart);
        int[] longest = [.. Enumerable.Range(0, rows).Where(position => Neighbours(position) >= fewest)
            .OrderByDescending(Neighbours).ThenBy(position => position).Take(MostShared(parts))];
        int count = Math.Min(1, longest.Length);
        for (long shared = count == 0 ? 0 : Neighbours(longest[0]); count < longest.Length; count++)
        {
            // A share is rounded up.
            shared += Neighbours(longest[count]);
            if (shared + ((count + 1L) * parts) > (long)Neighbours(longest[0]) * parts)
            {
                break;
            }
        }

        return [.. longest.Take(count).Order()];
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
