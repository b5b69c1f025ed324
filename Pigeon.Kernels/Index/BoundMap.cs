namespace Pigeon.Kernels;

/// <summary>
/// A map bound to a graph: its index array, and its inverse as compressed rows (CSR): the elements that map to row <c>r</c>
/// stand at positions <c>Offsets[r] … Offsets[r+1]</c> of <see cref="Order"/>, in rising order. Arrays are pinned, so that
/// kernels hold plain pointers to them.
/// </summary>
public sealed class BoundMap
{
    private int[]? offsets;
    private int[]? order;
    private int longest = -1;

    /// <summary>Binds a copy of an index array, after checking that every value is a row of the target.</summary>
    /// <param name="name">The map's text, for messages.</param>
    /// <param name="values">One row of the target for every element.</param>
    /// <param name="toSize">The number of rows of the target.</param>
    /// <exception cref="PigeonException">PG0201: a value is out of range.</exception>
    public BoundMap(string name, ReadOnlySpan<int> values, int toSize)
        : this(name, Pinned(values), toSize)
    {
    }

    private BoundMap(string name, int[] pinned, int toSize)
    {
        Name = name;
        ToSize = toSize;
        Values = pinned;
        bool sorted = true;
        int previous = 0;
        for (int i = 0; i < pinned.Length; i++)
        {
            int value = pinned[i];
            if ((uint)value >= (uint)toSize)
            {
                throw new PigeonException("PG0201", $"element {i} is {value}, but the target has {toSize} rows", $"map {name}",
                    "ids count from 0");
            }

            sorted &= value >= previous;
            previous = value;
        }

        IsSorted = sorted;
    }

    /// <summary>The map's text.</summary>
    public string Name { get; }

    /// <summary>The number of rows of the target.</summary>
    public int ToSize { get; }

    /// <summary>The target's row for every element.</summary>
    public int[] Values { get; }

    /// <summary>Whether <see cref="Values"/> never falls: then <see cref="Order"/> is the identity, and null.</summary>
    public bool IsSorted { get; }

    /// <summary><see cref="ToSize"/> + 1 positions.</summary>
    public int[] Offsets
    {
        get
        {
            Invert();
            return offsets!;
        }
    }

    /// <summary>The elements grouped by their value, rising inside a group; null where that is the identity.</summary>
    public int[]? Order
    {
        get
        {
            Invert();
            return order;
        }
    }

    /// <summary>Binds an index array in place, after the same checks.</summary>
    /// <param name="name">The map's text, for messages.</param>
    /// <param name="pinned">One row of the target for every element. It was allocated pinned, and nobody changes it any more.</param>
    /// <param name="toSize">The number of rows of the target.</param>
    /// <exception cref="PigeonException">PG0201: a value is out of range.</exception>
    internal static BoundMap InPlace(string name, int[] pinned, int toSize) => new(name, pinned, toSize);

    /// <summary>The most elements that one row has.</summary>
    public int Longest
    {
        get
        {
            if (longest < 0)
            {
                int[] starts = Offsets;
                int most = 0;
                for (int row = 0; row < ToSize; row++)
                {
                    most = Math.Max(most, starts[row + 1] - starts[row]);
                }

                longest = most;
            }

            return longest;
        }
    }

    /// <summary>A map's values in the order of the compressed rows of another map of the same space.</summary>
    public static int[] InOrder(BoundMap map, BoundMap by)
    {
        if (by.Order is not { } order)
        {
            return map.Values;
        }

        int[] values = GC.AllocateUninitializedArray<int>(order.Length, pinned: true);
        for (int p = 0; p < order.Length; p++)
        {
            values[p] = map.Values[order[p]];
        }

        return values;
    }

    private static int[] Pinned(ReadOnlySpan<int> values)
    {
        int[] pinned = GC.AllocateUninitializedArray<int>(values.Length, pinned: true);
        values.CopyTo(pinned);
        return pinned;
    }

    private void Invert()
    {
        if (offsets is not null)
        {
            return;
        }

        int[] counts = GC.AllocateArray<int>(ToSize + 1, pinned: true);
        foreach (int value in Values)
        {
            counts[value + 1]++;
        }

        for (int i = 0; i < ToSize; i++)
        {
            counts[i + 1] += counts[i];
        }

        if (!IsSorted)
        {
            int[] next = counts.AsSpan(0, ToSize).ToArray();
            int[] elements = GC.AllocateUninitializedArray<int>(Values.Length, pinned: true);
            for (int i = 0; i < Values.Length; i++)
            {
                elements[next[Values[i]]++] = i;
            }

            order = elements;
        }

        offsets = counts;
    }
}
