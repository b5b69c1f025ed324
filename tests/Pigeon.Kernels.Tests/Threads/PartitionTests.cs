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
    public void Shares_and_rows_of_their_own_cover_every_neighbour_once() => Gen.Select(GenDegrees, Gen.Int[1, 9], Gen.Int).Sample((degrees, parts, seed) =>
    {
        int[] order = [.. Enumerable.Range(0, degrees.Length)];
        new Random(seed).Shuffle(order);
        int[] offsets = Offsets(degrees);
        RowCut cut = Partition.Cut(degrees.Length, parts, offsets, order, least: 20);
        int[] walked = new int[offsets[^1]];
        int[] rows = new int[degrees.Length];
        for (int p = 0; p < parts; p++)
        {
            foreach (int position in OwnRows(cut, p))
            {
                rows[order[position]]++;
                Walk(offsets[order[position]], offsets[order[position] + 1]);
            }

            int shares = 0;
            for (int row = 0; row < cut.Shared.Length; row++)
            {
                (int from, int to) = (cut.Shares[(row * (parts + 1)) + p], cut.Shares[(row * (parts + 1)) + p + 1]);
                Walk(from, to);
                shares += to - from;
            }

            Assert.True(shares <= cut.Shared.Select(position => degrees[order[position]]).DefaultIfEmpty().Max());
        }

        Assert.All(walked, times => Assert.Equal(1, times));
        Assert.All(cut.Shared, position => Assert.Equal(0, rows[order[position]]));
        Assert.Equal(degrees.Length - cut.Shared.Length, rows.Sum());
        Assert.True(cut.Shared.Length <= Partition.MostShared(parts) && cut.Shared.SequenceEqual(cut.Shared.Distinct().Order()));

        void Walk(int from, int to)
        {
            for (int p = from; p < to; p++)
            {
                walked[p]++;
            }
        }
    });

    [Fact]
    public void Hub_is_shared_by_all_parts()
    {
        RowCut cut = Partition.Cut(10, 4, Offsets([1, 1, 2000, 0, 0, 0, 0, 0, 0, 400]), null);
        Assert.Equal([2], cut.Shared);
        Assert.Equal([2, 502, 1002, 1502, 2002], cut.Shares);
        Assert.Equal([0, 1, 3, 4, 5, 6, 7, 8, 9], Enumerable.Range(0, 4).SelectMany(p => OwnRows(cut, p)));
    }

    [Theory]
    [InlineData(2, 1023)]
    [InlineData(1, 5000)]
    public void Few_neighbours_or_one_part_share_nothing(int parts, int degree) =>
        Assert.Empty(Partition.Cut(3, parts, Offsets([0, degree, 0]), null).Shared);

    [Fact]
    public void One_row_is_shared() => Assert.Equal([0, 2500, 5000], Partition.Cut(1, 2, [0, 5000], null).Shares);

    [Fact]
    public void Costs_do_not_overflow() =>
        Assert.Equal([0, 1 << 29, 1 << 30, 3 << 29, int.MaxValue], Partition.Split(int.MaxValue, 4));

    private static IEnumerable<int> OwnRows(RowCut cut, int part)
    {
        int number = 0;
        while (cut.Next(part, ref number, out int begin, out int end))
        {
            for (int position = begin; position < end; position++)
            {
                yield return position;
            }
        }
    }

    private static int[] Offsets(int[] degrees) => [0, .. degrees.Select((_, i) => degrees[..(i + 1)].Sum())];
}
