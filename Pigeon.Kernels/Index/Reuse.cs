namespace Pigeon.Kernels;

/// <summary>
/// How soon a walk comes back to the rows that it reads. From the times between two accesses to one row follow the hits of caches of every size:
/// a cache of <c>c</c> rows that drops the least recently used one holds what the last <c>t</c> accesses read, where <c>t</c> accesses
/// read <c>c</c> different rows on average (the footprint of Xiang, Ding, Luo and Bao, "HOTL: a higher order theory of locality", 2013).
/// </summary>
public sealed class Reuse
{
    /// <summary>Of a walk of more accesses than all stretches have, only stretches are followed.</summary>
    private const int Stretches = 4;
    private const int StretchLength = 1 << 19;

    /// <summary>The share of accesses that come back to their row after <c>2^k</c> accesses or later, or never.</summary>
    private readonly double[] later = new double[32];

    /// <summary>The different rows that <c>2^k</c> accesses in a row read on average.</summary>
    private readonly double[] footprint = new double[32];

    private Reuse(long[] times, long accesses)
    {
        long left = accesses;
        for (int k = 0; k < later.Length; k++)
        {
            later[k] = (double)left / Math.Max(1, accesses);
            left -= times[k];
            footprint[k] = k == 0 ? 1 : footprint[k - 1] + ((1L << (k - 1)) * (later[k - 1] + later[k]) / 2);
        }
    }

    /// <summary>The share of the accesses that find their row in a cache of so many rows.</summary>
    public double Hits(double rows)
    {
        if (rows < 1)
        {
            return 0;
        }

        int k = 0;
        while (k < footprint.Length - 1 && footprint[k + 1] <= rows)
        {
            k++;
        }

        double part = k == footprint.Length - 1 ? 0 : (rows - footprint[k]) / (footprint[k + 1] - footprint[k]);
        return 1 - later[k] + (part * (later[k] - later[Math.Min(k + 1, later.Length - 1)]));
    }

    /// <summary>Follows a walk.</summary>
    /// <param name="along">The row of each element.</param>
    /// <param name="through">Where others walk: the element of <paramref name="along"/> for each; null for the elements themselves.</param>
    /// <param name="walk">The map in whose groups elements are walked; null for their order.</param>
    /// <param name="shift">Rows whose numbers differ in so many lowest bits only are one: they share a line of the cache.</param>
    internal static Reuse Of(BoundMap along, BoundMap? through, BoundMap? walk, int shift)
    {
        int[] rows = along.Values;
        int[]? elements = through?.Values;
        int[] last = new int[(along.ToSize >> shift) + 1];
        long[] times = new long[32];
        long accesses = 0;
        int clock = 0;
        foreach ((int start, int length, int[]? walked) in walk is null || walk.IsSorted ? InOrder((elements ?? rows).Length) : Grouped(walk))
        {
            // What was read before a stretch is not known: its first part only tells what is in the cache.
            int unknown = start == 0 ? 0 : StretchLength / 4;

            // A group may be longer than a stretch.
            int end = Math.Min(length, Stretches * StretchLength);
            for (int p = 0; p < end; p++)
            {
                int element = walked is null ? start + p : walked[p];
                ref int before = ref last[rows[elements is null ? element : elements[element]] >> shift];
                clock++;
                if (p >= unknown)
                {
                    accesses++;
                    if (before != 0)
                    {
                        times[int.Log2(clock - before)]++;
                    }
                }

                before = clock;
            }

            // Nothing of one stretch is near the next.
            clock += StretchLength;
        }

        return new(times, accesses);
    }

    private static IEnumerable<(int Start, int Length, int[]? Walked)> InOrder(int elements)
    {
        if (elements <= Stretches * StretchLength)
        {
            yield return (0, elements, null);
            yield break;
        }

        for (int i = 0; i < Stretches; i++)
        {
            yield return ((int)((long)elements * i / Stretches), StretchLength, null);
        }
    }

    /// <summary>The elements of some groups, without those of all others in memory.</summary>
    private static List<(int Start, int Length, int[]? Walked)> Grouped(BoundMap walk)
    {
        int[] next = new int[walk.ToSize + 1];
        foreach (int group in walk.Values)
        {
            next[group + 1]++;
        }

        for (int group = 0; group < walk.ToSize; group++)
        {
            next[group + 1] += next[group];
        }

        var stretches = new List<(int Start, int Length, int[]? Walked)>();
        int[] stretchOf = new int[walk.ToSize];
        foreach ((int position, int length, _) in InOrder(walk.Values.Length))
        {
            (int first, int end) = (GroupAt(position), GroupAt(position + length));
            stretches.Add((next[first], next[end] - next[first], new int[next[end] - next[first]]));
            stretchOf.AsSpan(first..end).Fill(stretches.Count);
        }

        for (int element = 0; element < walk.Values.Length; element++)
        {
            int group = walk.Values[element];
            if (stretchOf[group] > 0)
            {
                (int start, _, int[]? walked) = stretches[stretchOf[group] - 1];
                walked![next[group]++ - start] = element;
            }
        }

        return stretches;

        int GroupAt(int position)
        {
            int found = Array.BinarySearch(next, position);
            return found >= 0 ? found : ~found;
        }
    }
}
