using Pigeon.Kernels;
using Xunit;

namespace Pigeon.Tests;

/// <summary>Where batches of rows end.</summary>
public sealed class RowBatchesTests
{
    [Theory]
    [InlineData(new[] { 5 }, new[] { 1 })]
    [InlineData(new[] { 1, 1, 1, 1, 1, 1, 1, 1, 1, 1 }, new[] { 8, 10 })]
    [InlineData(new[] { 0, 0, 0 }, new[] { 3 })]
    [InlineData(new[] { 64, 0, 1 }, new[] { 2, 3 })]
    [InlineData(new[] { 32, 32, 1, 63, 1 }, new[] { 2, 4, 5 })]
    [InlineData(new[] { 1000, 1, 1000 }, new[] { 1, 2, 3 })]
    public unsafe void A_batch_is_of_few_rows_with_few_neighbours_together(int[] neighbours, int[] expected)
    {
        int[] offsets = new int[neighbours.Length + 1];
        for (int row = 0; row < neighbours.Length; row++)
        {
            offsets[row + 1] = offsets[row] + neighbours[row];
        }

        var ends = new List<int>();
        fixed (int* pointer = offsets)
        {
            for (int row = 0; row < neighbours.Length; row = ends[^1])
            {
                ends.Add(RowBatches.End(pointer, row, neighbours.Length));
            }
        }

        Assert.Equal(expected, ends);
    }

    [Fact]
    public unsafe void A_batch_ends_with_the_rows_of_its_thread()
    {
        int[] offsets = [0, 1, 2, 3, 4];
        fixed (int* pointer = offsets)
        {
            Assert.Equal(3, RowBatches.End(pointer, 1, 3));
        }
    }
}
