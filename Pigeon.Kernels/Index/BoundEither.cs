namespace Pigeon.Kernels;

/// <summary>
/// An <see cref="IndexSpace.Either"/> space bound to a graph. A type has pairs of its first rows where there are fewer of these than of its
/// second rows. Rows are sorted by type, then by the row of
/// the pair, then by the row at the other end, then by element.
/// </summary>
internal sealed class BoundEither
{
    private BoundEither(int[] rows, int[] elements) => (Rows, Elements) = (rows, elements);

    /// <summary>The row of each element; -1 where it has none, which is where only one side's elements are meant.</summary>
    public int[] Rows { get; }

    /// <summary>The first element of each row.</summary>
    public int[] Elements { get; }

    /// <summary>Chooses a side for every type, and numbers the rows.</summary>
    /// <param name="part">Which rows there are.</param>
    /// <param name="type">The type of each element.</param>
    /// <param name="first">The pair of type and first row of each element, and the type of each pair; pairs are sorted by type.</param>
    /// <param name="second">The same for second rows.</param>
    public static BoundEither Of(EitherPart part, BoundMap type, (BoundMap Pair, BoundMap Type) first, (BoundMap Pair, BoundMap Type) second)
    {
        // With pairs sorted by type, the offsets of a type are its first pair on either side.
        (int[] firsts, int[] seconds) = (first.Type.Offsets, second.Type.Offsets);
        int[] elements = type.Order?.AsSpan().ToArray() ?? [.. Enumerable.Range(0, type.Values.Length)];
        int[] rows = new int[elements.Length];
        Array.Fill(rows, -1);
        var representatives = new List<int>();
        long[] keys = new long[elements.Length];
        for (int t = 0; t < type.ToSize; t++)
        {
            (int start, int end) = (type.Offsets[t], type.Offsets[t + 1]);
            bool byFirst = firsts[t + 1] - firsts[t] < seconds[t + 1] - seconds[t];
            (BoundMap pair, BoundMap other) = byFirst ? (first.Pair, second.Pair) : (second.Pair, first.Pair);
            for (int i = start; i < end; i++)
            {
                keys[i] = ((long)pair.Values[elements[i]] * other.ToSize) + other.Values[elements[i]];
            }

            if (part is EitherPart.ByFirst or EitherPart.BySecond && byFirst != (part == EitherPart.ByFirst))
            {
                continue;
            }

            Array.Sort(keys, elements, start, end - start);
            SortRepeated(keys, elements, start, end);
            bool isPair = part switch
            {
                EitherPart.Pairs => true,
                EitherPart.Firsts => byFirst,
                EitherPart.Seconds => !byFirst,
                _ => false,
            };
            for (int i = start; i < end; i++)
            {
                if (!isPair || i == start || pair.Values[elements[i]] != pair.Values[elements[i - 1]])
                {
                    representatives.Add(elements[i]);
                }

                rows[elements[i]] = representatives.Count - 1;
            }
        }

        return new(rows, [.. representatives]);
    }

    /// <summary>Elements with the same key come in their order.</summary>
    private static void SortRepeated(long[] keys, int[] elements, int start, int end)
    {
        for (int from = start, to; from < end; from = to)
        {
            for (to = from + 1; to < end && keys[to] == keys[from]; to++)
            {
            }

            Array.Sort(elements, from, to - from);
        }
    }
}
