using System.Diagnostics;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Pigeon.Cli;

/// <summary>
/// How fast one core reads rows of a table, measured: in order or in random order, as fast as it goes without asking for rows ahead. A traversal that
/// gathers rows of the same width from a table of the same size is judged by it. Each width and size is measured once.
/// </summary>
/// <param name="largest">The bytes of the largest table; for a larger one this stands in.</param>
internal sealed class RowBandwidth(long largest = 256 << 20)
{
    private const int Rounds = 7;
    private const long LeastBytes = 1 << 14;
    private const long LeastRead = 8 << 20;

    /// <summary>Written once: memory that was never written is one page of zeros, which is always in the cache.</summary>
    private readonly float[] memory = [.. Enumerable.Repeat(1f, (int)(largest / sizeof(float)))];
    private readonly Dictionary<(int RowFloats, long Bytes, bool InOrder), double> measured = [];

    /// <summary>10⁹ bytes a second.</summary>
    /// <param name="rowFloats">The floats of a row.</param>
    /// <param name="tableBytes">The bytes of all rows, of which the next power of two is measured.</param>
    /// <param name="inOrder">Whether rows are read one after the other, or in random order.</param>
    public double Gbs(int rowFloats, long tableBytes, bool inOrder)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(rowFloats);
        long bytes = Math.Min(largest, (long)BitOperations.RoundUpToPowerOf2((ulong)Math.Max(tableBytes, LeastBytes)));
        ref double gbs = ref CollectionsMarshal.GetValueRefOrAddDefault(measured, (rowFloats, bytes, inOrder), out bool known);
        if (!known)
        {
            gbs = Measure(rowFloats, bytes, inOrder);
        }

        return gbs;
    }

    private double Measure(int rowFloats, long bytes, bool inOrder)
    {
        int[] order = [.. Enumerable.Range(0, (int)Math.Max(1, bytes / sizeof(float) / rowFloats))];
        if (!inOrder)
        {
            new Random(1).Shuffle(order);
        }

        long read = (long)order.Length * rowFloats * sizeof(float);
        int repeats = (int)Math.Max(1, LeastRead / read);
        double best = double.MaxValue;
        float sink = 0;
        for (int round = 0; round < Rounds; round++)
        {
            long start = Stopwatch.GetTimestamp();
            for (int repeat = 0; repeat < repeats; repeat++)
            {
                sink += Read(memory, rowFloats, order);
            }

            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        GC.KeepAlive(sink);
        return read * repeats / best / 1e9;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static float Read(float[] memory, int rowFloats, int[] order)
    {
        ref float table = ref MemoryMarshal.GetArrayDataReference(memory);
        Vector256<float> a = default, b = default, c = default, d = default;
        float rest = 0;
        foreach (int row in order)
        {
            nuint at = (nuint)row * (nuint)rowFloats;
            nuint end = at + (nuint)rowFloats;
            for (; at + 32 <= end; at += 32)
            {
                a += Vector256.LoadUnsafe(ref table, at);
                b += Vector256.LoadUnsafe(ref table, at + 8);
                c += Vector256.LoadUnsafe(ref table, at + 16);
                d += Vector256.LoadUnsafe(ref table, at + 24);
            }

            for (; at + 8 <= end; at += 8)
            {
                a += Vector256.LoadUnsafe(ref table, at);
            }

            for (; at < end; at++)
            {
                rest += memory[at];
            }
        }

        return Vector256.Sum(a + b + c + d) + rest;
    }
}
