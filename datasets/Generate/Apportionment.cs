namespace Pigeon.Datasets;

/// <summary>Divides whole numbers exactly. All arithmetic is the same on any machine: no powers, no logarithms.</summary>
internal static class Apportionment
{
    /// <summary>Sizes in proportion to a weight of their rank, from 0, each at least 1, with an exact sum.</summary>
    public static int[] ByRank(int total, int parts, Func<int, double> weight)
    {
        int[] least = new int[parts];
        Array.Fill(least, 1);
        int[] most = new int[parts];
        Array.Fill(most, total);
        return Divide(total, [.. Enumerable.Range(0, parts).Select(weight)], least, most);
    }

    /// <summary>
    /// Divides a total in proportion to weights, but within bounds: share k is λ · weight k, cut to [least, most], with the λ that
    /// makes the sum right; what rounding leaves goes to the parts in order. A total out of reach gives the nearest one in reach.
    /// </summary>
    public static int[] Divide(int total, ReadOnlySpan<double> weights, ReadOnlySpan<int> least, ReadOnlySpan<int> most)
    {
        const int bisections = 100;
        double low = 0;
        double high = 1;
        while (high < int.MaxValue && Sum(high, weights, least, most) < total)
        {
            high *= 2;
        }

        for (int i = 0; i < bisections; i++)
        {
            double middle = low + (high - low) / 2;
            if (Sum(middle, weights, least, most) < total)
            {
                low = middle;
            }
            else
            {
                high = middle;
            }
        }

        int[] shares = new int[weights.Length];
        long left = total;
        for (int k = 0; k < shares.Length; k++)
        {
            shares[k] = Share(low, weights[k], least[k], most[k]);
            left -= shares[k];
        }

        return Settle(shares, left, least, most);
    }

    private static int[] Settle(int[] shares, long left, ReadOnlySpan<int> least, ReadOnlySpan<int> most)
    {
        for (bool moved = true; left != 0 && moved;)
        {
            moved = false;
            for (int k = 0; k < shares.Length && left != 0; k++)
            {
                int step = Math.Sign(left);
                if (shares[k] + step >= least[k] && shares[k] + step <= most[k])
                {
                    shares[k] += step;
                    left -= step;
                    moved = true;
                }
            }
        }

        return shares;
    }

    private static int Share(double scale, double weight, int least, int most) => (int)Math.Clamp(scale * weight, least, most);

    private static long Sum(double scale, ReadOnlySpan<double> weights, ReadOnlySpan<int> least, ReadOnlySpan<int> most)
    {
        long sum = 0;
        for (int k = 0; k < weights.Length; k++)
        {
            sum += Share(scale, weights[k], least[k], most[k]);
        }

        return sum;
    }
}
