using System.Runtime.CompilerServices;

namespace Pigeon.Kernels;

/// <summary>
/// Rows that go through a kernel's first steps before any of them goes on. What a step stores number by number can't be loaded as a vector until the
/// stores have reached the cache; with the work of other rows between, nobody waits for them.
/// </summary>
public static unsafe class RowBatches
{
    /// <summary>The most rows of a batch.</summary>
    public const int Rows = 8;

    /// <summary>The most neighbours of a batch of several rows.</summary>
    public const int Neighbours = 64;

    /// <summary>Where the batch ends that begins with a row: rows of many neighbours are a batch each.</summary>
    /// <param name="offsets">The positions of the neighbours.</param>
    /// <param name="row">The first row.</param>
    /// <param name="end">The end of the rows.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static int End(int* offsets, int row, int end)
    {
        int last = Math.Min(end, row + Rows);
        int first = offsets[row++];
        while (row < last && offsets[row + 1] - first <= Neighbours)
        {
            row++;
        }

        return row;
    }
}
