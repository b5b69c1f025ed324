namespace Pigeon.Kernels;

/// <summary>
/// How the rows of a kernel are cut among its threads. Part <c>p</c> has the positions <c>Bounds[p] … Bounds[p + 1]</c>, but for the shared ones: of a
/// row with many neighbours that a boundary falls into every thread has a share, which may be empty.
/// </summary>
/// <param name="Bounds">The boundaries of the parts, one more than there are parts. A shared position is the first of its part.</param>
/// <param name="Shared">The positions of the shared rows, rising: at most one for each boundary between two parts.</param>
/// <param name="Shares">
/// For each shared row as many numbers as there are boundaries: thread <c>p</c> walks the neighbours from its number on, and up to the next, as
/// positions in the compressed rows.
/// </param>
public sealed record RowCut(int[] Bounds, int[] Shared, int[] Shares)
{
    /// <summary>The number of parts.</summary>
    public int Parts => Bounds.Length - 1;
}
