using System.Collections.Immutable;

namespace Pigeon.Compiler;

/// <summary>Vectors beside each other, that a tile keeps in registers.</summary>
/// <param name="Start">The first column.</param>
/// <param name="Pieces">The widths of its vectors.</param>
/// <param name="Repeats">How many of the same there are, one after another.</param>
/// <param name="Overlap">The columns that the last vector shares with the one before.</param>
internal readonly record struct VectorGroup(int Start, ImmutableArray<int> Pieces, int Repeats, int Overlap)
{
    /// <summary>The floats of its vectors, those of the overlap twice.</summary>
    public int Floats => Pieces.Sum();

    /// <summary>The columns.</summary>
    public int Columns => Floats - Overlap;

    /// <summary>The loop over these groups, of which <c>n</c> is the first column.</summary>
    public Code Loop => Code.Of($"for (nint n = {Start}; n < {Start + (Repeats * Columns)}; n += {Columns})");

    /// <summary>Where the columns of a vector begin, from the group's first.</summary>
    public int At(int piece) => piece == 0 ? 0 : Pieces.Take(piece).Sum() - (piece == Pieces.Length - 1 ? Overlap : 0);

    /// <summary>Where a vector is among those of a panel's row.</summary>
    public int InPanel(int piece) => Pieces.Take(piece).Sum();
}
