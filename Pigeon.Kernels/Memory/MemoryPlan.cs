using System.Collections.Immutable;

namespace Pigeon.Kernels;

/// <summary>
/// Places buffers that are alive at different times over each other. Greedy: larger buffers first, each at the lowest offset
/// where no buffer that is alive at the same time stands.
/// </summary>
public sealed class MemoryPlan
{
    private const long Alignment = 64;

    private MemoryPlan(ImmutableArray<long> offsets, long bytes)
    {
        Offsets = offsets;
        Bytes = bytes;
    }

    /// <summary>The offset of each buffer in bytes, in the order they were given.</summary>
    public ImmutableArray<long> Offsets { get; }

    /// <summary>The size of the arena.</summary>
    public long Bytes { get; }

    /// <summary>Plans an arena.</summary>
    /// <param name="buffers">Each buffer's size in bytes and the first and last step that touch it.</param>
    public static MemoryPlan Create(IReadOnlyList<(long Bytes, int First, int Last)> buffers)
    {
        long[] offsets = new long[buffers.Count];
        var placed = new List<int>();
        long total = 0;
        foreach (int buffer in Enumerable.Range(0, buffers.Count).OrderByDescending(b => buffers[b].Bytes))
        {
            (long bytes, int first, int last) = buffers[buffer];
            long offset = 0;
            foreach (int other in placed.Where(o => buffers[o].First <= last && first <= buffers[o].Last).OrderBy(o => offsets[o]))
            {
                if (offset + bytes <= offsets[other])
                {
                    break;
                }

                offset = Math.Max(offset, Align(offsets[other] + buffers[other].Bytes));
            }

            offsets[buffer] = offset;
            placed.Add(buffer);
            total = Math.Max(total, offset + bytes);
        }

        return new([.. offsets], total);
    }

    private static long Align(long bytes) => (bytes + Alignment - 1) / Alignment * Alignment;
}
