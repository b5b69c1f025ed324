namespace Pigeon.Kernels;

/// <summary>Cuts the rows of a space into contiguous parts of about equal cost.</summary>
public static class Partition
{
    /// <summary>A row costs as much as this many neighbours, beside its own neighbours.</summary>
    private const int RowCost = 4;

    /// <summary>
    /// Boundaries of <paramref name="parts"/> parts: part <c>p</c> is positions <c>b[p] … b[p+1]</c>. A row counts with its neighbours.
    /// </summary>
    /// <param name="rows">The number of rows.</param>
    /// <param name="parts">The number of parts.</param>
    /// <param name="offsets">The offsets of the rows' neighbours (rows + 1 of them), or null where every row costs the same.</param>
    /// <param name="order">The row at each position, or null where that is the position itself.</param>
    public static int[] Split(int rows, int parts, int[]? offsets = null, int[]? order = null)
    {
        int[]? costs = offsets is not null && order is not null ? InOrder(offsets, order) : offsets;
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

        return bounds;

        long CostBefore(int position) => ((long)position * RowCost) + (costs is null ? 0 : costs[position]);
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
