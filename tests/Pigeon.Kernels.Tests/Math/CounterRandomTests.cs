using System.Runtime.Intrinsics;
using Pigeon.Kernels;
using Xunit;

namespace Pigeon.Tests;

public sealed class CounterRandomTests
{
    [Theory]
    [InlineData(0UL)]
    [InlineData(1000UL)]
    [InlineData(uint.MaxValue - 7UL)]
    [InlineData((1UL << 40) - 3)]
    public void Vectors_hold_the_numbers_of_their_counters(ulong first)
    {
        ulong key = CounterRandom.Key(3, 12345, 678);
        for (int lane = 0; lane < 16; lane++)
        {
            float expected = CounterRandom.Uniform(key, first + (ulong)lane);
            Assert.Equal(expected, CounterRandom.Uniform512(key, first)[lane]);
            Assert.Equal(expected, lane < 8 ? CounterRandom.Uniform256(key, first)[lane] : expected);
            Assert.Equal(expected, lane < 4 ? CounterRandom.Uniform128(key, first)[lane] : expected);
        }
    }

    [Fact]
    public void Numbers_are_spread_evenly()
    {
        const int count = 200_000;
        ulong key = CounterRandom.Key(0, 1, 2);
        int[] bins = new int[20];
        for (int i = 0; i < count; i++)
        {
            float x = CounterRandom.Uniform(key, (ulong)i);
            Assert.InRange(x, 0, 1 - (1f / (1 << 24)));
            bins[(int)(x * bins.Length)]++;
        }

        // Chi-squared with 19 degrees of freedom is above 43.8 once in a thousand.
        double expected = (double)count / bins.Length;
        Assert.InRange(bins.Sum(b => (b - expected) * (b - expected) / expected), 0, 43.8);
    }

    [Fact]
    public void Streams_and_seeds_do_not_repeat_each_other()
    {
        ulong[] keys = [.. from stream in Enumerable.Range(0, 8)
                           from seed in Enumerable.Range(0, 8)
                           select CounterRandom.Key((uint)stream, seed, 1)];
        Assert.Equal(keys.Length, keys.Distinct().Count());
        Assert.Equal(keys.Length, keys.Select(key => CounterRandom.Uniform512(key, 0)).Distinct().Count());
        Assert.NotEqual(Vector512<float>.Zero, CounterRandom.Uniform512(CounterRandom.Key(0, 0, 0), 0));
    }
}
