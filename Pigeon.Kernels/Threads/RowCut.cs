namespace Pigeon.Kernels;

/// <summary>
/// How the rows of a kernel are cut among its threads. Part <c>p</c> has the positions <c>Bounds[p] … Bounds[p + 1]</c>, but for the shared ones: of a
/// row with many neighbours every thread has a share.
/// </summary>
/// <param name="Bounds">The boundaries of the parts, one more than there are parts.</param>
/// <param name="Shared">The positions of the shared rows, rising.</param>
/// <param name="Shares">
/// For each shared row as many numbers as there are boundaries: thread <c>p</c> walks the neighbours from its number on, and up to the next, as
/// positions in the compressed rows.
/// </param>
public sealed record RowCut(int[] Bounds, int[] Shared, int[] Shares)
{
    /// <summary>Rows of a part that lie side by side, between two shared ones; false where there are no more.</summary>
    /// <param name="part">The part.</param>
    /// <param name="number">Their number, from 0 on; the next on return.</param>
    /// <param name="begin">The first position.</param>
    /// <param name="end">The position behind the last.</param>
    public bool Next(int part, ref int number, out int begin, out int end)
    {
        (begin, end) = (Bounds[part], Bounds[part + 1]);
        int first = 0;
        while (first < Shared.Length && Shared[first] < begin)
        {
            first++;
        }

        int last = first;
        while (last < Shared.Length && Shared[last] < end)
        {
            last++;
        }

        if (number > last - first)
        {
            return false;
        }

        begin = number == 0 ? begin : Shared[first + number - 1] + 1;
        end = first + number < last ? Shared[first + number] : end;
        number++;
        return true;
    }
}
