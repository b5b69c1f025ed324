using System.Runtime.Intrinsics;
using Pigeon.Kernels;
using Xunit;

namespace Pigeon.Tests;

public sealed unsafe class Bf16Tests
{
    private const int Count = 1 << 16;

    [Fact]
    public void Every_stored_number_comes_back()
    {
        for (int stored = 0; stored <= ushort.MaxValue; stored++)
        {
            float number = Bf16.Widen((ushort)stored);
            if (float.IsNaN(number))
            {
                Assert.True(float.IsNaN(Bf16.Widen(Bf16.Round(number))));
            }
            else
            {
                Assert.Equal((ushort)stored, Bf16.Round(number));
            }
        }
    }

    [Fact]
    public void Whole_numbers_up_to_256_are_exact()
    {
        for (int number = -256; number <= 256; number++)
        {
            Assert.Equal(number, Bf16.Widen(Bf16.Round(number)));
        }
    }

    /// <summary>The nearest stored number by distance in double precision; of two that are as near, the even one.</summary>
    [Fact]
    public void Rounding_is_to_the_nearest_and_of_two_to_the_even()
    {
        foreach (float number in Numbers().Where(float.IsFinite))
        {
            ushort down = (ushort)(BitConverter.SingleToUInt32Bits(number) >> 16);
            (double below, double above) = (Value(down), Value((ushort)(down + 1)));
            double toBelow = Math.Abs(number - below);
            double toAbove = Math.Abs(number - above);
            bool goesDown = toBelow < toAbove || (toBelow == toAbove && down % 2 == 0);
            Assert.Equal(goesDown ? down : (ushort)(down + 1), Bf16.Round(number));
        }

        // Beyond the largest number comes 2^128, which is infinity.
        static double Value(ushort stored) => (stored & 0x7fff) == 0x7f80 ? Math.CopySign(Math.Pow(2, 128), Bf16.Widen(stored)) : Bf16.Widen(stored);
    }

    [Theory]
    [InlineData(float.NaN, 0x7fc0)]
    [InlineData(float.PositiveInfinity, 0x7f80)]
    [InlineData(float.NegativeInfinity, 0xff80)]
    [InlineData(float.MaxValue, 0x7f80)]
    [InlineData(-0f, 0x8000)]
    [InlineData(1.00390625f, 0x3f80)]
    [InlineData(1.01171875f, 0x3f82)]
    public void Special_numbers_are_kept(float number, int stored) => Assert.Equal(stored, Bf16.Round(number) & (float.IsNaN(number) ? 0x7fff : 0xffff));

    [Fact]
    public void Signalling_nan_stays_nan() => Assert.True(float.IsNaN(Bf16.Widen(Bf16.Round(BitConverter.UInt32BitsToSingle(0x7f800001)))));

    [Fact]
    public void Every_width_gives_the_same_bits()
    {
        float[] numbers = Numbers();
        ushort[] expected = Array.ConvertAll(numbers, Bf16.Round);
        ushort[] rounded = new ushort[numbers.Length];
        float[] widened = new float[numbers.Length];
        Bf16.Round(rounded, numbers);
        Assert.Equal(expected, rounded);
        fixed (float* from = numbers)
        fixed (ushort* to = rounded)
        fixed (float* back = widened)
        {
            for (int i = 0; i < numbers.Length; i += 16)
            {
                rounded.AsSpan(i, 16).Clear();
                Bf16.Store(Vector512.Load(from + i), to + i);
                widened.AsSpan(i, 16).Clear();
                Bf16.Widen512(to + i).Store(back + i);
                AssertHere(i, 16);
                for (int half = i; half < i + 16; half += 8)
                {
                    Bf16.Store(Vector256.Load(from + half), to + half);
                    widened.AsSpan(half, 8).Clear();
                    Bf16.Widen256(to + half).Store(back + half);
                    AssertHere(half, 8);
                }

                for (int quarter = i; quarter < i + 16; quarter += 4)
                {
                    Bf16.Store(Vector128.Load(from + quarter), to + quarter);
                    widened.AsSpan(quarter, 4).Clear();
                    Bf16.Widen128(to + quarter).Store(back + quarter);
                    AssertHere(quarter, 4);
                }
            }
        }

        void AssertHere(int at, int count)
        {
            Assert.True(expected.AsSpan(at, count).SequenceEqual(rounded.AsSpan(at, count)));
            for (int i = at; i < at + count; i++)
            {
                Assert.Equal(BitConverter.SingleToUInt32Bits(Bf16.Widen(expected[i])), BitConverter.SingleToUInt32Bits(widened[i]));
            }
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(37)]
    public void Runs_of_any_length_are_widened_and_nothing_after_them_is_written(int count)
    {
        ushort[] stored = [.. Enumerable.Range(0, count + 1).Select(i => Bf16.Round(i - 3))];
        float[] widened = [.. Enumerable.Repeat(-99f, count + 1)];
        fixed (ushort* from = stored)
        fixed (float* to = widened)
        {
            Bf16.Widen(to, from, count);
        }

        Assert.Equal([.. Enumerable.Range(0, count).Select(i => i - 3f), -99f], widened);
        ushort[] rounded = new ushort[count];
        Bf16.Round(rounded, widened.AsSpan(0, count));
        Assert.Equal(stored[..count], rounded);
        Assert.Throws<ArgumentException>(() => Bf16.Round(new ushort[count + 1], new float[count]));
    }

    [Fact]
    public void Transpose_exchanges_the_axes()
    {
        ushort[] stored = [.. Enumerable.Range(0, 6).Select(i => Bf16.Round(i))];
        float[] transposed = new float[6];
        fixed (ushort* from = stored)
        fixed (float* to = transposed)
        {
            Bf16.Transpose(to, from, 2, 3);
        }

        Assert.Equal([0, 3, 1, 4, 2, 5], transposed);
    }

    /// <summary>Random bits, and for every hundredth stored number what lies around it and halfway to the next.</summary>
    private static float[] Numbers()
    {
        var random = new Random(1);
        uint[] bits = new uint[Count];
        for (int i = 0; i < bits.Length; i++)
        {
            uint low = (i % 6) switch { 0 => 0u, 1 => 1, 2 => 0x7fff, 3 => 0x8000, 4 => 0x8001, _ => 0xffff };
            bits[i] = i % 2 == 0 ? (uint)random.NextInt64(1L << 32) : ((uint)random.Next(1 << 16) << 16) | low;
        }

        return Array.ConvertAll(bits, BitConverter.UInt32BitsToSingle);
    }
}
