using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Pigeon.Kernels;

/// <summary>
/// Numbers kept as bfloat16: sign, exponent and the first 7 bits of the fraction of a float. Widening is exact; rounding is to nearest, ties to
/// even, infinite beyond the largest number, and keeps NaN. Whole numbers up to 256 are exact. The width of a vector does not change a bit.
/// </summary>
public static unsafe class Bf16
{
    private const MethodImplOptions Fast = MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization;
    private const int Shift = 16;
    private const uint Half = 0x7fff;
    private const uint Quiet = 0x400000;

    /// <summary>The float of a stored number.</summary>
    [MethodImpl(Fast)]
    public static float Widen(ushort stored) => BitConverter.UInt32BitsToSingle((uint)stored << Shift);

    /// <summary>The stored number nearest to a float.</summary>
    [MethodImpl(Fast)]
    public static ushort Round(float number)
    {
        uint bits = BitConverter.SingleToUInt32Bits(number);
        return (ushort)((float.IsNaN(number) ? bits | Quiet : bits + Half + ((bits >> Shift) & 1)) >> Shift);
    }

    /// <summary>The floats of 16 stored numbers.</summary>
    [MethodImpl(Fast)]
    public static Vector512<float> Widen512(ushort* stored) =>
        (Vector512.WidenLower(Vector256.Load(stored).ToVector512Unsafe()) << Shift).AsSingle();

    /// <summary>The floats of 8 stored numbers.</summary>
    [MethodImpl(Fast)]
    public static Vector256<float> Widen256(ushort* stored) =>
        (Vector256.WidenLower(Vector128.Load(stored).ToVector256Unsafe()) << Shift).AsSingle();

    /// <summary>The floats of 4 stored numbers.</summary>
    [MethodImpl(Fast)]
    public static Vector128<float> Widen128(ushort* stored) =>
        (Vector128.WidenLower(Vector128.CreateScalarUnsafe(Unsafe.ReadUnaligned<ulong>(stored)).AsUInt16()) << Shift).AsSingle();

    /// <summary>Rounds and stores 16 numbers.</summary>
    [MethodImpl(Fast)]
    public static void Store(Vector512<float> numbers, ushort* to)
    {
        Vector512<uint> bits = numbers.AsUInt32();
        Vector512<uint> rounded = (bits + Vector512.Create(Half) + ((bits >> Shift) & Vector512<uint>.One)) >> Shift;
        Vector512<uint> kept = Vector512.ConditionalSelect(Vector512.Equals(numbers, numbers).AsUInt32(), rounded, (bits | Vector512.Create(Quiet)) >> Shift);
        Vector512.Narrow(kept, kept).GetLower().Store(to);
    }

    /// <summary>Rounds and stores 8 numbers.</summary>
    [MethodImpl(Fast)]
    public static void Store(Vector256<float> numbers, ushort* to)
    {
        Vector256<uint> bits = numbers.AsUInt32();
        Vector256<uint> rounded = (bits + Vector256.Create(Half) + ((bits >> Shift) & Vector256<uint>.One)) >> Shift;
        Vector256<uint> kept = Vector256.ConditionalSelect(Vector256.Equals(numbers, numbers).AsUInt32(), rounded, (bits | Vector256.Create(Quiet)) >> Shift);
        Vector256.Narrow(kept, kept).GetLower().Store(to);
    }

    /// <summary>Rounds and stores 4 numbers.</summary>
    [MethodImpl(Fast)]
    public static void Store(Vector128<float> numbers, ushort* to)
    {
        Vector128<uint> bits = numbers.AsUInt32();
        Vector128<uint> rounded = (bits + Vector128.Create(Half) + ((bits >> Shift) & Vector128<uint>.One)) >> Shift;
        Vector128<uint> kept = Vector128.ConditionalSelect(Vector128.Equals(numbers, numbers).AsUInt32(), rounded, (bits | Vector128.Create(Quiet)) >> Shift);
        Unsafe.WriteUnaligned(to, Vector128.Narrow(kept, kept).AsUInt64().ToScalar());
    }

    /// <summary>Widens a run of numbers.</summary>
    /// <param name="to">Takes the floats; no part of <paramref name="from"/>.</param>
    /// <param name="from">The stored numbers.</param>
    /// <param name="count">How many.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Widen(float* to, ushort* from, nint count)
    {
        nint i = 0;
        if (Vector512.IsHardwareAccelerated)
        {
            for (; i + Vector512<float>.Count <= count; i += Vector512<float>.Count)
            {
                Widen512(from + i).Store(to + i);
            }
        }

        if (Vector256.IsHardwareAccelerated)
        {
            for (; i + Vector256<float>.Count <= count; i += Vector256<float>.Count)
            {
                Widen256(from + i).Store(to + i);
            }
        }

        for (; i + Vector128<float>.Count <= count; i += Vector128<float>.Count)
        {
            Widen128(from + i).Store(to + i);
        }

        for (; i < count; i++)
        {
            to[i] = Widen(from[i]);
        }
    }

    /// <summary>Rounds a run of numbers.</summary>
    /// <param name="to">Takes the stored numbers, as many as <paramref name="from"/> has.</param>
    /// <param name="from">The floats.</param>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static void Round(Span<ushort> to, ReadOnlySpan<float> from)
    {
        if (to.Length != from.Length)
        {
            throw new ArgumentException($"{from.Length} numbers don't fill {to.Length}", nameof(to));
        }

        fixed (ushort* stored = to)
        fixed (float* floats = from)
        {
            Round(stored, floats, from.Length);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Round(ushort* to, float* from, nint count)
    {
        nint i = 0;
        if (Vector256.IsHardwareAccelerated)
        {
            for (; i + Vector256<float>.Count <= count; i += Vector256<float>.Count)
            {
                Store(Vector256.Load(from + i), to + i);
            }
        }

        for (; i + Vector128<float>.Count <= count; i += Vector128<float>.Count)
        {
            Store(Vector128.Load(from + i), to + i);
        }

        for (; i < count; i++)
        {
            to[i] = Round(from[i]);
        }
    }

    /// <summary>Widens a matrix, and writes it with its axes exchanged.</summary>
    /// <param name="to">Takes <paramref name="columns"/> rows of <paramref name="rows"/> floats.</param>
    /// <param name="from">Holds <paramref name="rows"/> rows of <paramref name="columns"/> stored numbers.</param>
    /// <param name="rows">The rows of <paramref name="from"/>.</param>
    /// <param name="columns">The columns of <paramref name="from"/>.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Transpose(float* to, ushort* from, int rows, int columns)
    {
        for (int column = 0; column < columns; column++, to += rows)
        {
            for (int row = 0; row < rows; row++)
            {
                to[row] = Widen(from[((nint)row * columns) + column]);
            }
        }
    }
}
