using CsCheck;
using Pigeon.Kernels;
using Xunit;

namespace Pigeon.Tests;

public sealed class PartitionTests
{
    private const int RowCost = 4;
    private static readonly Gen<int[]> GenDegrees = Gen.Frequency((9, Gen.Int[0, 5]), (1, Gen.Int[0, 500])).Array[0, 200];

    [Fact]
    public void Parts_cover_all_rows_in_order() => Gen.Select(GenDegrees, Gen.Int[1, 9]).Sample((degrees, parts) =>
    {
        int[] bounds = Partition.Split(degrees.Length, parts, Offsets(degrees));
        Assert.Equal(parts + 1, bounds.Length);
        Assert.Equal((0, degrees.Length), (bounds[0], bounds[^1]));
        Assert.All(Enumerable.Range(0, parts), p => Assert.True(bounds[p] <= bounds[p + 1]));
    });

    [Fact]
    public void No_part_costs_more_than_its_share_and_one_row() => Gen.Select(GenDegrees, Gen.Int[1, 9]).Sample((degrees, parts) =>
    {
        int[] bounds = Partition.Split(degrees.Length, parts, Offsets(degrees));
        long total = degrees.Sum(d => (long)d + RowCost);
        long dearest = degrees.Select(d => d + RowCost).DefaultIfEmpty().Max();
        for (int p = 0; p < parts; p++)
        {
            Assert.InRange(degrees[bounds[p]..bounds[p + 1]].Sum(d => (long)d + RowCost), 0, (total / parts) + dearest + 1);
        }
    });

    [Fact]
    public void Order_of_rows_is_followed() => Gen.Select(GenDegrees, Gen.Int[1, 9], Gen.Int).Sample((degrees, parts, seed) =>
    {
        int[] order = [.. Enumerable.Range(0, degrees.Length)];
        new Random(seed).Shuffle(order);
        int[] moved = [.. order.Select(row => degrees[row])];
        int[] expected = Partition.Split(degrees.Length, parts, Offsets(moved));
        Assert.Equal(expected, Partition.Split(degrees.Length, parts, Offsets(degrees), order));
    });

    [Fact]
    public void Equal_rows_give_equal_parts() => Assert.Equal([0, 25, 50, 75, 100], Partition.Split(100, 4));

    [Fact]
    public void Hub_gets_a_part_of_its_own() =>
        Assert.Equal([0, 1, 10], Partition.Split(10, 2, Offsets([1000, 0, 0, 0, 0, 0, 0, 0, 0, 0])));

    [Fact]
    public void Costs_do_not_overflow() =>
        Assert.Equal([0, 1 << 29, 1 << 30, 3 << 29, int.MaxValue], Partition.Split(int.MaxValue, 4));

    private static int[] Offsets(int[] degrees) => [0, .. degrees.Select((_, i) => degrees[..(i + 1)].Sum())];
}
