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

    /// <summary>
    /// Rows of larger tables come from memory. They are asked into the second cache: as many lines on their way as memory needs to be busy are more than
    /// the first cache waits for at a time. From a nearer cache it would be a way more.
    /// </summary>
    public const int MemoryBytes = 256 << 20;

    /// <summary>The floats of a line of the caches.</summary>
    public const int LineFloats = LineBytes / sizeof(float);

    private const int LineBytes = 64;
    private const int ShortestRow = 16;
    private const int MostLines = 16;

    /// <summary>Whether rows are long enough for it to pay.</summary>
    public static bool Pays(int numbers) => numbers >= ShortestRow;

    /// <summary>Whether a row has four lines or more.</summary>
    public static bool HasFourLines(int numbers, ElementType element) => numbers > 3 * LineBytes / element.Bytes();

    /// <summary>Asks for a row.</summary>
    /// <param name="writer">Where to write.</param>
    /// <param name="pointer">The row's first number.</param>
    /// <param name="numbers">How many numbers.</param>
    /// <param name="element">What they are stored in.</param>
    /// <param name="memory">What tells whether it comes from memory; empty for not.</param>
    public static void Row(CodeWriter writer, Code pointer, int numbers, ElementType element, Code memory = default)
    {
        int line = LineBytes / element.Bytes();
        int end = Math.Min(numbers, MostLines * line);
        for (int at = 0, lines; at < end; at += lines * line)
        {
            lines = end - at > 3 * line ? 4 : 1;
            Code address = at == 0 ? pointer : Lanes.At(pointer, Code.Of($"{at}"));
            Code where = lines == 1 || memory.IsEmpty ? default : Code.Of($", {memory}");
            writer.Line($"{(lines == 4 ? Code.Of($"VectorMath.PrefetchFour") : Code.Of($"VectorMath.Prefetch"))}({address}{where});");
        }
    }
}
