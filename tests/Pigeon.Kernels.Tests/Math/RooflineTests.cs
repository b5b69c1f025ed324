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
}
