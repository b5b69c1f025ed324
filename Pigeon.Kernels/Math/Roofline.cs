using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Pigeon.Kernels;

/// <summary>What one core of this machine can do at best, measured: kernels are judged by their share of it.</summary>
/// <param name="Gflops">Fused multiply-adds of single precision on vectors in registers, in 10⁹ operations a second; each counts two.</param>
/// <param name="StreamGbs">Reading memory in order, far more of it than the caches hold, in 10⁹ bytes a second.</param>
/// <param name="GatherGbs">Reading rows of 256 bytes of the same memory in random order, in 10⁹ bytes a second.</param>
public sealed unsafe record Roofline(double Gflops, double StreamGbs, double GatherGbs)
{
    private const int Rounds = 5;
    private const int Chains = 12;
    private const int RowFloats = 64;

    /// <summary>Measures one core, the caller's, in CPU time: the best of a few rounds, in about a quarter of a second.</summary>
    /// <param name="bytes">The memory to read.</param>
    public static Roofline Measure(long bytes = 128 << 20)
    {
        const int steps = 1 << 20;
        using var memory = new NativeBuffer(bytes);
        int rows = (int)(bytes / sizeof(float) / RowFloats);
        int[] order = new int[rows];
        for (int i = 0; i < rows; i++)
        {
            order[i] = i;
        }

        new Random(1).Shuffle(order);
        float* values = (float*)memory.Pointer;

        // Memory that was never written is one page of zeros, which is always in the cache.
        memory.View<float>(0, rows * RowFloats).Fill(1);
        float sink = 0;
        double compute = Best(() => sink += Multiply(steps));
        double stream = Best(() => sink += Read(values, rows, null));
        double gather;
        fixed (int* shuffled = order)
        {
            int* pointer = shuffled;
            gather = Best(() => sink += Read(values, rows, pointer));
        }

        GC.KeepAlive(sink);
        double read = (double)rows * RowFloats * sizeof(float);
        return new(2.0 * steps * Chains * WidestLanes / compute / 1e9, read / stream / 1e9, read / gather / 1e9);
    }

    /// <summary>
    /// Multiplies and adds for a few microseconds and returns how fast the caller's core was, in 10⁹ operations a second of CPU time. What a core
    /// can do changes while others are busy, so a kernel is compared with what was measured right before and after it.
    /// </summary>
    /// <param name="steps">Steps of twelve multiply-adds of vectors; by default they take some 35 µs.</param>
    public static double MeasureGflops(int steps = 1 << 14)
    {
        TimeSpan start = Environment.CpuUsage.TotalTime;
        float sink = Multiply(steps);
        double seconds = (Environment.CpuUsage.TotalTime - start).TotalSeconds;
        GC.KeepAlive(sink);
        return 2.0 * steps * Chains * WidestLanes / Math.Max(seconds, 1e-9) / 1e9;
    }

    private static int WidestLanes => Vector512.IsHardwareAccelerated ? 16 : Vector256.IsHardwareAccelerated ? 8 : 4;

    private static float Multiply(int steps) => WidestLanes == 16 ? Chain512(steps) : WidestLanes == 8 ? Chain256(steps) : Chain128(steps);

    private static double Best(Action work)
    {
        double best = double.MaxValue;
        for (int round = 0; round < Rounds; round++)
        {
            TimeSpan start = Environment.CpuUsage.TotalTime;
            work();
            best = Math.Min(best, Math.Max((Environment.CpuUsage.TotalTime - start).TotalSeconds, 1e-9));
        }

        return best;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static float Chain512(int steps)
    {
        Vector512<float> x = Vector512.Create(0.999f), y = Vector512.Create(0.001f);
        Vector512<float> a = x, b = x, c = x, d = x, e = x, f = x, g = x, h = x, i = x, j = x, k = x, l = x;
        for (int step = 0; step < steps; step++)
        {
            (a, b, c) = (Vector512.FusedMultiplyAdd(a, x, y), Vector512.FusedMultiplyAdd(b, x, y), Vector512.FusedMultiplyAdd(c, x, y));
            (d, e, f) = (Vector512.FusedMultiplyAdd(d, x, y), Vector512.FusedMultiplyAdd(e, x, y), Vector512.FusedMultiplyAdd(f, x, y));
            (g, h, i) = (Vector512.FusedMultiplyAdd(g, x, y), Vector512.FusedMultiplyAdd(h, x, y), Vector512.FusedMultiplyAdd(i, x, y));
            (j, k, l) = (Vector512.FusedMultiplyAdd(j, x, y), Vector512.FusedMultiplyAdd(k, x, y), Vector512.FusedMultiplyAdd(l, x, y));
        }

        return Vector512.Sum(a + b + c + d + e + f + g + h + i + j + k + l);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static float Chain256(int steps)
    {
        Vector256<float> x = Vector256.Create(0.999f), y = Vector256.Create(0.001f);
        Vector256<float> a = x, b = x, c = x, d = x, e = x, f = x, g = x, h = x, i = x, j = x, k = x, l = x;
        for (int step = 0; step < steps; step++)
        {
            (a, b, c) = (Vector256.FusedMultiplyAdd(a, x, y), Vector256.FusedMultiplyAdd(b, x, y), Vector256.FusedMultiplyAdd(c, x, y));
            (d, e, f) = (Vector256.FusedMultiplyAdd(d, x, y), Vector256.FusedMultiplyAdd(e, x, y), Vector256.FusedMultiplyAdd(f, x, y));
            (g, h, i) = (Vector256.FusedMultiplyAdd(g, x, y), Vector256.FusedMultiplyAdd(h, x, y), Vector256.FusedMultiplyAdd(i, x, y));
            (j, k, l) = (Vector256.FusedMultiplyAdd(j, x, y), Vector256.FusedMultiplyAdd(k, x, y), Vector256.FusedMultiplyAdd(l, x, y));
        }

        return Vector256.Sum(a + b + c + d + e + f + g + h + i + j + k + l);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static float Chain128(int steps)
    {
        Vector128<float> x = Vector128.Create(0.999f), y = Vector128.Create(0.001f);
        Vector128<float> a = x, b = x, c = x, d = x, e = x, f = x, g = x, h = x, i = x, j = x, k = x, l = x;
        for (int step = 0; step < steps; step++)
        {
            (a, b, c) = (Vector128.FusedMultiplyAdd(a, x, y), Vector128.FusedMultiplyAdd(b, x, y), Vector128.FusedMultiplyAdd(c, x, y));
            (d, e, f) = (Vector128.FusedMultiplyAdd(d, x, y), Vector128.FusedMultiplyAdd(e, x, y), Vector128.FusedMultiplyAdd(f, x, y));
            (g, h, i) = (Vector128.FusedMultiplyAdd(g, x, y), Vector128.FusedMultiplyAdd(h, x, y), Vector128.FusedMultiplyAdd(i, x, y));
            (j, k, l) = (Vector128.FusedMultiplyAdd(j, x, y), Vector128.FusedMultiplyAdd(k, x, y), Vector128.FusedMultiplyAdd(l, x, y));
        }

        return Vector128.Sum(a + b + c + d + e + f + g + h + i + j + k + l);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static float Read(float* values, int rows, int* order)
    {
        Vector256<float> a = default, b = default, c = default, d = default;
        for (int r = 0; r < rows; r++)
        {
            float* row = values + ((nint)(order == null ? r : order[r]) * RowFloats);
            a += Vector256.Load(row) + Vector256.Load(row + 8);
            b += Vector256.Load(row + 16) + Vector256.Load(row + 24);
            c += Vector256.Load(row + 32) + Vector256.Load(row + 40);
            d += Vector256.Load(row + 48) + Vector256.Load(row + 56);
        }

        return Vector256.Sum(a + b + c + d);
    }
}
