namespace Pigeon.Kernels;

/// <summary>Cuts the rows of a space into contiguous parts of about equal cost.</summary>
public static class Partition
{
    /// <summary>
    /// Boundaries of <paramref name="parts"/> parts: part <c>p</c> is rows <c>b[p] … b[p+1]</c>. The cost of the first
    /// <c>r</c> rows is <c>r·rowCost + offsets[r]</c>, so a row counts with its neighbours.
    /// </summary>
    /// <param name="rows">The number of rows.</param>
    /// <param name="offsets">The compressed rows' offsets (rows + 1 of them), or null where every row costs the same.</param>
    /// <param name="parts">The number of parts.</param>
    /// <param name="rowCost">The cost of a row, in neighbours.</param>
    /// <param name="multiple">Inner boundaries are multiples of this.</param>
    public static int[] Split(int rows, int[]? offsets, int parts, int rowCost = 4, int multiple = 1)
    {
        int[] bounds = new int[parts + 1];
        bounds[parts] = rows;
        long total = Cost(rows);
        for (int p = 1; p < parts; p++)
        {
            long target = total * p / parts;
            int low = bounds[p - 1];
            int high = rows;
            while (low < high)
            {
                int middle = low + ((high - low) / 2);
                if (Cost(middle) < target)
                {
                    low = middle + 1;
                }
                else
                {
                    high = middle;
                }
            }

            bounds[p] = Math.Max(bounds[p - 1], low / multiple * multiple);
        }

        return bounds;

        long Cost(int row) => ((long)row * rowCost) + (offsets is null ? 0 : offsets[row]);
    }
}
