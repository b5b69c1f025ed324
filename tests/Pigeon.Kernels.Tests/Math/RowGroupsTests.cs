using System.Runtime.Intrinsics;
using Pigeon.Kernels;
using Xunit;

namespace Pigeon.Tests;

/// <summary>Rows side by side, against loops over them.</summary>
public sealed unsafe class RowGroupsTests
{
    private const int Count = 40;

    [Theory]
    [InlineData(4)]
    [InlineData(8)]
    [InlineData(16)]
    public void Rows_are_sorted_by_how_many_neighbours_they_have_and_the_last_fills_its_group(int group)
    {
        var random = new Random(group);
        foreach (int count in new[] { 1, group - 1, group, 37, RowGroups.Window })
        {
            const int begin = 5;
            int[] neighbours = [.. Enumerable.Range(0, begin + count).Select(_ => random.Next(4) switch
            {
                0 => 0,
                1 => random.Next(RowGroups.Neighbours - 2, RowGroups.Neighbours + 3),
                _ => random.Next(1, 9),
            })];
            int[] offsets = [0, .. neighbours.Select((_, row) => neighbours.Take(row + 1).Sum())];
            int[] order = new int[count + RowGroups.MostRows];
            int grouped, singles;
            fixed (int* from = offsets)
            fixed (int* to = order)
            {
                grouped = RowGroups.Sort(from, begin, begin + count, group, to, out singles);
            }

            bool Fits(int row) => neighbours[row] is > 0 and <= RowGroups.Neighbours;
            int[] rows = [.. Enumerable.Range(begin, count)];
            int[] fitting = [.. rows.Where(Fits).OrderBy(row => neighbours[row])];
            Assert.Equal((fitting.Length + group - 1) / group * group, grouped);
            Assert.Equal([.. fitting, .. Enumerable.Repeat(fitting.LastOrDefault(), grouped - fitting.Length)], order[..grouped]);
            Assert.Equal(rows.Where(row => !Fits(row)), order[grouped..(grouped + singles)]);
        }
    }

    [Fact]
    public void Rows_of_one_number_are_loaded_and_stored()
    {
        foreach ((int[]? list, int[] at) in Places(16))
        {
            Assert.Equal(at.Select(p => (float)PlaceOf(list, p)), Vector512ToArray(Load((n, l) => RowGroups.Load512(n, l, Vector512.Create(at)), list, 1)));
            int[] eight = at[..8], four = at[..4];
            float[] found = new float[8];
            Load((n, l) => RowGroups.Load256(n, l, Vector256.Create(eight)), list, 1).CopyTo(found);
            Assert.Equal(eight.Select(p => (float)PlaceOf(list, p)), found);
            found = new float[4];
            Load((n, l) => RowGroups.Load128(n, l, Vector128.Create(four)), list, 1).CopyTo(found);
            Assert.Equal(four.Select(p => (float)PlaceOf(list, p)), found);
            for (int from = 0; from < 16; from++)
            {
                CheckStored(list, at, from, 1, (n, l) => RowGroups.Store(Vector512.Create(Block(16)), n, l, Vector512.Create(at), from));
                if (from < 8)
                {
                    CheckStored(list, eight, from, 1, (n, l) => RowGroups.Store(Vector256.Create(Block(8)), n, l, Vector256.Create(eight), from));
                }

                if (from < 4)
                {
                    CheckStored(list, four, from, 1, (n, l) => RowGroups.Store(Vector128.Create(Block(4)), n, l, Vector128.Create(four), from));
                }
            }
        }
    }

    [Fact]
    public void Rows_of_four_numbers_are_loaded_and_stored()
    {
        foreach ((int[]? list, int[] at) in Places(4))
        {
            Assert.Equal(at.SelectMany(p => Enumerable.Range(PlaceOf(list, p) * 4, 4)).Select(n => (float)n),
                Vector512ToArray(Load((n, l) => RowGroups.Load512(n, l, Vector128.Create(at)), list, 4)));
            for (int from = 0; from < 4; from++)
            {
                CheckStored(list, at, from, 4, (n, l) => RowGroups.Store(Vector512.Create(Block(16)), n, l, Vector128.Create(at), from));
            }
        }
    }

    [Fact]
    public void Numbers_of_rows_are_spread_and_rows_that_have_ended_are_counted()
    {
        int[] neighbours = [.. Enumerable.Range(0, 16).Select(n => 1 + (n / 3))];
        for (int k = 0; k < 8; k++)
        {
            Assert.Equal(neighbours.Count(n => n <= k), RowGroups.Ended(Vector512.Create(neighbours), k));
            Assert.Equal(neighbours.Take(8).Count(n => n <= k), RowGroups.Ended(Vector256.Create(neighbours), k));
            Assert.Equal(neighbours.Take(4).Count(n => n <= k), RowGroups.Ended(Vector128.Create(neighbours), k));
        }

        Assert.Equal(Vector512.Create(neighbours), RowGroups.Spread512(Vector512.Create(neighbours)));
        Assert.Equal(Vector256.Create(neighbours), RowGroups.Spread256(Vector256.Create(neighbours)));
        Assert.Equal(Vector128.Create(neighbours), RowGroups.Spread128(Vector128.Create(neighbours)));
        Assert.Equal(Vector512.Create([.. Enumerable.Range(0, 16).Select(n => neighbours[n / 4])]), RowGroups.Spread512(Vector128.Create(neighbours)));
    }

    private delegate T Loads<out T>(float* numbers, int* list);

    private delegate void Stores(float* numbers, int* list);

    /// <summary>Positions, and a list of places or none.</summary>
    private static IEnumerable<(int[]? List, int[] At)> Places(int rows)
    {
        int[] at = [.. Enumerable.Range(0, rows).Select(n => n * 7 % Count)];
        yield return (null, at);
        yield return ([.. Enumerable.Range(0, Count).Select(p => p * 17 % Count)], at);
    }

    private static int PlaceOf(int[]? list, int position) => list is null ? position : list[position];

    private static float[] Block(int lanes) => [.. Enumerable.Range(1, lanes).Select(n => -(float)n)];

    private static T Load<T>(Loads<T> load, int[]? list, int width)
    {
        float[] numbers = [.. Enumerable.Range(0, Count * width).Select(n => (float)n)];
        fixed (float* from = numbers)
        fixed (int* at = list)
        {
            return load(from, at);
        }
    }

    private static void CheckStored(int[]? list, int[] at, int from, int width, Stores store)
    {
        float[] numbers = new float[Count * width];
        float[] expected = [.. numbers];
        for (int row = from; row < at.Length; row++)
        {
            Block(at.Length * width).AsSpan(row * width, width).CopyTo(expected.AsSpan(PlaceOf(list, at[row]) * width));
        }

        fixed (float* to = numbers)
        fixed (int* places = list)
        {
            store(to, places);
        }

        Assert.Equal(expected, numbers);
    }

    private static float[] Vector512ToArray(Vector512<float> vector)
    {
        float[] numbers = new float[16];
        vector.CopyTo(numbers);
        return numbers;
    }
}
