using Pigeon.Kernels;

namespace Pigeon.Compiler;

/// <summary>
/// Asks for rows ahead of their use. Rows that indices pick come from anywhere, so no machine foresees them; a few rows ahead of the
/// one that is computed, their way from memory is hidden behind the arithmetic.
/// </summary>
internal static class Prefetch
{
    /// <summary>How many neighbours ahead a traversal asks.</summary>
    public const int Distance = 16;

    /// <summary>How many rows ahead a traversal asks for what it reads of a row itself.</summary>
    public const int DistanceOfRows = 4;

    /// <summary>Tables of fewer bytes are in the caches mostly.</summary>
    public const int FarBytes = 4 << 20;

    /// <summary>The floats of a line of the caches.</summary>
    public const int LineFloats = LineBytes / sizeof(float);

    private const int LineBytes = 64;
    private const int ShortestRow = 16;
    private const int MostLines = 16;

    /// <summary>Whether rows are long enough for it to pay.</summary>
    public static bool Pays(int numbers) => numbers >= ShortestRow;

    /// <summary>Asks for a row.</summary>
    public static void Row(CodeWriter writer, Code pointer, int numbers, ElementType element)
    {
        int line = LineBytes / element.Bytes();
        int end = Math.Min(numbers, MostLines * line);
        for (int at = 0, lines; at < end; at += lines * line)
        {
            lines = end - at > 3 * line ? 4 : 1;
            Code address = at == 0 ? pointer : Lanes.At(pointer, Code.Of($"{at}"));
            writer.Line($"{(lines == 4 ? Code.Of($"VectorMath.PrefetchFour") : Code.Of($"VectorMath.Prefetch"))}({address});");
        }
    }
}
