namespace Pigeon.Runtime;

/// <summary>Checks of shapes that nobody has checked yet.</summary>
internal static class TensorShape
{
    /// <summary>The most dimensions that a tensor has.</summary>
    public const int MaxRank = 32;

    /// <summary>
    /// Multiplies the dimensions. Fails where there are more than <see cref="MaxRank"/>, one is negative, or the product of
    /// those that aren't 0 has no size in bytes: a later product of a part of them can't overflow either.
    /// </summary>
    public static bool TryCount(ReadOnlySpan<long> shape, out long count)
    {
        const long mostElements = long.MaxValue / sizeof(double);
        long product = 1;
        bool empty = false;
        count = 0;
        if (shape.Length > MaxRank)
        {
            return false;
        }

        foreach (long dimension in shape)
        {
            if (dimension < 0 || dimension > mostElements / product)
            {
                return false;
            }

            empty |= dimension == 0;
            product *= Math.Max(dimension, 1);
        }

        count = empty ? 0 : product;
        return true;
    }

    /// <summary>The shape as text: <c>[3, 4]</c>.</summary>
    public static string Format(ReadOnlySpan<long> shape)
    {
        long[] shown = shape[..Math.Min(shape.Length, MaxRank)].ToArray();
        return $"[{string.Join(", ", shown)}{(shape.Length > MaxRank ? ", …" : "")}]";
    }
}
