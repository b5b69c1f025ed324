using System.Runtime.InteropServices;

namespace Pigeon.Kernels;

/// <summary>An <see cref="IndexSpace.Distinct"/> space bound to a graph. Pairs are sorted by first row, then by second.</summary>
internal sealed class BoundPairs
{
    private BoundPairs(BoundMap pair, BoundMap first, BoundMap second) => (Pair, First, Second) = (pair, first, second);

    /// <summary>The pair of each element.</summary>
    public BoundMap Pair { get; }

    /// <summary>The first row of each pair.</summary>
    public BoundMap First { get; }

    /// <summary>The second row of each pair.</summary>
    public BoundMap Second { get; }

    /// <summary>Numbers the pairs that occur.</summary>
    /// <param name="space">The space, for names.</param>
    /// <param name="first">The first row of each element.</param>
    /// <param name="second">The second row of each element.</param>
    public static BoundPairs Of(IndexSpace.Distinct space, BoundMap first, BoundMap second)
    {
        int count = first.Values.Length;
        long[] keys = new long[count];
        for (int i = 0; i < count; i++)
        {
            keys[i] = ((long)first.Values[i] * second.ToSize) + second.Values[i];
        }

        int[] elements = new int[count];
        for (int i = 0; i < count; i++)
        {
            elements[i] = i;
        }

        Array.Sort(keys, elements);
        int[] pair = GC.AllocateUninitializedArray<int>(count, pinned: true);
        var firsts = new List<int>();
        var seconds = new List<int>();
        for (int i = 0; i < count; i++)
        {
            if (i == 0 || keys[i] != keys[i - 1])
            {
                firsts.Add((int)(keys[i] / second.ToSize));
                seconds.Add((int)(keys[i] % second.ToSize));
            }

            pair[elements[i]] = firsts.Count - 1;
        }

        return new(BoundMap.InPlace($"pair({space.First}, {space.Second})", pair, firsts.Count),
            new($"first({space.First}, {space.Second})", CollectionsMarshal.AsSpan(firsts), first.ToSize),
            new($"second({space.First}, {space.Second})", CollectionsMarshal.AsSpan(seconds), second.ToSize));
    }
}
