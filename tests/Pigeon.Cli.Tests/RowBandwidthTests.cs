using Xunit;

namespace Pigeon.Cli.Tests;

public sealed class RowBandwidthTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(64)]
    [InlineData(100)]
    public void Rows_of_every_width_are_read(int rowFloats)
    {
        long bytes = sizeof(float) * rowFloats * 1000L;
        using var bandwidth = new RowBandwidth([[new(0, rowFloats, bytes, 30 * bytes, true), new(1, rowFloats, bytes, bytes, false)], []]);
        Assert.Equal(2, bandwidth.Measure().Count);
        Assert.True(bandwidth.Measure()[0] > 0);
    }

    [Fact]
    public void Tables_beyond_the_memory_overlap()
    {
        using var bandwidth = new RowBandwidth([[new(3, 64, 1L << 40, 1 << 20, true)], [new(5, 64, 1 << 18, 1 << 18, false)]], 1 << 20);
        Assert.All(bandwidth.Measure(), ms => Assert.InRange(ms, 0, 10_000));
    }
}
