using Xunit;

namespace Pigeon.Cli.Tests;

public sealed class RowBandwidthTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(64)]
    [InlineData(100)]
    public void Rows_of_every_width_are_read_and_measured_once(int rowFloats)
    {
        var bandwidth = new RowBandwidth(1 << 20);
        double gathered = bandwidth.Gbs(rowFloats, 1 << 19, inOrder: false);
        Assert.InRange(gathered, 0.001, 10_000);
        Assert.Equal(gathered, bandwidth.Gbs(rowFloats, (1 << 19) - 5, inOrder: false));
        Assert.InRange(bandwidth.Gbs(rowFloats, 1L << 40, inOrder: true), 0.001, 10_000);
    }

    [Fact]
    public void Rows_without_floats_are_refused()
    {
        var bandwidth = new RowBandwidth(1 << 16);
        Assert.Throws<ArgumentOutOfRangeException>(() => bandwidth.Gbs(0, 1, inOrder: true));
    }
}
