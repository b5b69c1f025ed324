using System.Runtime.Intrinsics;
using Pigeon.Kernels;
using Xunit;

namespace Pigeon.Tests;

/// <summary>Blocks of short rows against a loop over their numbers.</summary>
public sealed unsafe class RowBlocksTests
{
    private const int Count = 40;
    private const int Position = 3;

    /// <summary>Lanes of a vector, and widths of rows of which at least two fit in it.</summary>
    public static TheoryData<int, int> Shapes => new() { { 16, 1 }, { 16, 4 }, { 16, 8 }, { 8, 1 }, { 8, 4 }, { 4, 1 } };

    [Theory]
    [InlineData(16)]
    [InlineData(8)]
    [InlineData(4)]
    public void Numbers_are_loaded_and_lanes_behind_them_are_0(int lanes)
    {
        foreach ((int[]? list, int count) in Blocks(lanes))
        {
            // What is not asked for is no number.
            float[] numbers = new float[Count];
            Array.Fill(numbers, float.NaN);
            float[] expected = new float[lanes];
            for (int n = 0; n < count; n++)
            {
                numbers[PlaceOf(list, n)] = expected[n] = n + 1;
            }

            Assert.Equal(expected, Load(lanes, numbers, list, count));
        }
    }

    [Theory]
    [InlineData(16)]
    [InlineData(8)]
    [InlineData(4)]
    public void Numbers_are_stored_and_nothing_behind_them(int lanes)
    {
        float[] block = [.. Enumerable.Range(1, lanes).Select(n => (float)n)];
        foreach ((int[]? list, int count) in Blocks(lanes))
        {
            float[] numbers = new float[Count];
            Array.Fill(numbers, -1);
            float[] expected = [.. numbers];
            for (int n = 0; n < count; n++)
            {
                expected[PlaceOf(list, n)] = block[n];
            }

            Store(block, numbers, list, count);
            Assert.Equal(expected, numbers);
        }
    }

    [Theory]
    [InlineData(16)]
    [InlineData(8)]
    public void Rows_of_four_numbers_are_loaded_and_stored_and_no_others(int lanes)
    {
        float[] block = [.. Enumerable.Range(1, lanes).Select(n => -(float)n)];
        foreach ((int[]? list, int rows) in Blocks(lanes / 4).Where(b => b.Count > 0))
        {
            float[] numbers = [.. Enumerable.Range(0, Count * 4).Select(n => (float)n)];
            float[] expected = [.. numbers];
            int[] places = [.. Enumerable.Range(0, rows).Select(n => PlaceOf(list, n))];
            float[] found = new float[lanes];
            fixed (float* pointer = numbers)
            fixed (int* at = list)
            {
                if (lanes == 16)
                {
                    RowBlocks.LoadFours512(pointer, at, Position, rows * 4).CopyTo(found);
                    RowBlocks.StoreFours(Vector512.Create(block), pointer, at, Position, rows * 4);
                }
                else
                {
                    RowBlocks.LoadFours256(pointer, at, Position, rows * 4).CopyTo(found);
                    RowBlocks.StoreFours(Vector256.Create(block), pointer, at, Position, rows * 4);
                }
            }

            Assert.Equal(places.SelectMany(place => expected.Skip(place * 4).Take(4)), found.Take(rows * 4));
            for (int n = 0; n < rows * 4; n++)
            {
                expected[(places[n / 4] * 4) + (n % 4)] = block[n];
            }

            Assert.Equal(expected, numbers);
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void A_row_is_repeated(int lanes, int width)
    {
        float[] row = [.. Enumerable.Range(1, width).Select(n => (float)n)];
        float[] block = new float[lanes];
        fixed (float* pointer = row)
        {
            switch (lanes)
            {
                case 16: RowBlocks.Repeat512(pointer, width).CopyTo(block); break;
                case 8: RowBlocks.Repeat256(pointer, width).CopyTo(block); break;
                default: RowBlocks.Repeat128(pointer, width).CopyTo(block); break;
            }
        }

        Assert.Equal(Enumerable.Range(0, lanes).Select(n => row[n % width]), block);
    }

    [Fact]
    public void First_lanes_have_all_bits()
    {
        for (int numbers = 0; numbers <= 16; numbers++)
        {
            Assert.Equal(Bits(16, numbers), Enumerable.Range(0, 16).Select(n => RowBlocks.First512(numbers).AsInt32()[n]));
            Assert.Equal(Bits(8, numbers), Enumerable.Range(0, 8).Select(n => RowBlocks.First256(numbers).AsInt32()[n]));
            Assert.Equal(Bits(4, numbers), Enumerable.Range(0, 4).Select(n => RowBlocks.First128(numbers).AsInt32()[n]));
        }

        static IEnumerable<int> Bits(int lanes, int numbers) => Enumerable.Range(0, lanes).Select(n => n < numbers ? -1 : 0);
    }

    /// <summary>
    /// Counts up to a full block, with a list and without. The list may end behind those that there are: what stands there leads to no number of this memory.
    /// </summary>
    private static IEnumerable<(int[]? List, int Count)> Blocks(int lanes)
    {
        for (int count = 0; count <= lanes; count++)
        {
            yield return (null, count);
            yield return ([.. Enumerable.Range(0, Position + lanes).Select(p => p < Position + count ? p * 17 % Count : int.MinValue)], count);
        }
    }

    private static int PlaceOf(int[]? list, int number) => list is null ? Position + number : list[Position + number];

    private static float[] Load(int lanes, float[] numbers, int[]? list, int count)
    {
        float[] block = new float[lanes];
        fixed (float* from = numbers)
        fixed (int* at = list)
        {
            switch (lanes)
            {
                case 16: RowBlocks.Load512(from, at, Position, count).CopyTo(block); break;
                case 8: RowBlocks.Load256(from, at, Position, count).CopyTo(block); break;
                default: RowBlocks.Load128(from, at, Position, count).CopyTo(block); break;
            }
        }

        return block;
    }

    private static void Store(float[] block, float[] numbers, int[]? list, int count)
    {
        fixed (float* to = numbers)
        fixed (int* at = list)
        {
            switch (block.Length)
            {
                case 16: RowBlocks.Store(Vector512.Create(block), to, at, Position, count); break;
                case 8: RowBlocks.Store(Vector256.Create(block), to, at, Position, count); break;
                default: RowBlocks.Store(Vector128.Create(block), to, at, Position, count); break;
            }
        }
    }
}
