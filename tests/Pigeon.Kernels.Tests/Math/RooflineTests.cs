using Pigeon.Kernels;
using Xunit;

namespace Pigeon.Tests;

public sealed class RooflineTests
{
    [Fact]
    public void A_core_is_measured()
    {
        Roofline one = Roofline.Measure(1 << 20);
        Assert.InRange(one.Gflops, 0.1, 1e4);
        Assert.InRange(one.StreamGbs, 0.01, 1e4);
        Assert.InRange(one.GatherGbs, 0.01, 1e4);
    }

    [Fact]
    public void Multiply_adds_are_measured_beside_a_kernel() => Assert.InRange(Roofline.MeasureGflops(), 0.1, 1e6);

    [Theory]
    [InlineData(1)]
    [InlineData(13)]
    [InlineData(64)]
    [InlineData(75)]
    public void Rows_are_read_whole_and_again(int rowFloats)
    {
        float[] table = [.. Enumerable.Range(0, 5 * rowFloats).Select(i => (float)(i / rowFloats))];
        foreach (bool asksAhead in (bool[])[false, true])
        {
            Assert.Equal(rowFloats * (4f + 1 + 3 + 4), RowReader.Read(table, rowFloats, 4, [4, 1, 3], asksAhead));
        }

        Assert.Throws<ArgumentOutOfRangeException>(() => RowReader.Read(table, rowFloats, 1, [5], asksAhead: true));
    }
}
