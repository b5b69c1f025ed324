using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Pigeon.Kernels;

/// <summary>Reads rows of a table as fast as a core can, and does nothing else with them: what a gather is compared with.</summary>
public static unsafe class RowReader
{
    private const int Ahead = 8;
    private const int LineFloats = 16;

    /// <summary>Reads rows and returns their sum, so that no read is left out.</summary>
    /// <param name="table">The table.</param>
    /// <param name="rowFloats">The floats of a row, at least 1.</param>
    /// <param name="count">How many rows are read.</param>
    /// <param name="rows">Which ones, from the first again when they are through; each lies in the table.</param>
    /// <param name="asksAhead">Whether rows are asked for ahead of their use, as kernels do where they gather.</param>
    /// <exception cref="ArgumentOutOfRangeException">A row has no floats, or is not in the table.</exception>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static float Read(ReadOnlySpan<float> table, int rowFloats, long count, int[] rows, bool asksAhead)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(rowFloats);
        Vector256<float> a = default, b = default, c = default, d = default;
        float rest = 0;
        fixed (float* start = table)
        {
            while (count > 0 && rows.Length > 0)
            {
                int now = (int)Math.Min(count, rows.Length);
                for (int i = 0; i < now; i++)
                {
                    ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)rows[i], (uint)(table.Length / rowFloats));
                    if (asksAhead)
                    {
                        float* ahead = start + ((nint)rows[Math.Min(i + Ahead, now - 1)] * rowFloats);
                        for (int at = 0; at < rowFloats; at += LineFloats)
                        {
                            VectorMath.Prefetch(ahead + at);
                        }
                    }

                    float* row = start + ((nint)rows[i] * rowFloats);
                    float* end = row + rowFloats;
                    for (; row + 32 <= end; row += 32)
                    {
                        a += Vector256.Load(row);
                        b += Vector256.Load(row + 8);
                        c += Vector256.Load(row + 16);
                        d += Vector256.Load(row + 24);
                    }

                    for (; row + 8 <= end; row += 8)
                    {
                        a += Vector256.Load(row);
                    }

                    for (; row < end; row++)
                    {
                        rest += *row;
                    }
                }

                count -= now;
            }
        }

        return Vector256.Sum(a + b + c + d) + rest;
    }
}
