using CsCheck;
using Pigeon.Kernels;
using Xunit;

namespace Pigeon.Tests;

public sealed class MemoryPlanTests
{
    private static readonly Gen<(long Bytes, int First, int Last)> GenBuffer =
        Gen.Select(Gen.Long[0, 5000], Gen.Int[0, 20], Gen.Int[0, 8], (bytes, first, length) => (bytes, first, first + length));

    [Fact]
    public void Buffers_that_live_together_do_not_overlap() => GenBuffer.Array[0, 30].Sample(buffers =>
    {
        var plan = MemoryPlan.Create(buffers);
        for (int a = 0; a < buffers.Length; a++)
        {
            Assert.InRange(plan.Offsets[a], 0, plan.Bytes - buffers[a].Bytes);
            Assert.Equal(0, plan.Offsets[a] % 64);
            for (int b = 0; b < a; b++)
            {
                bool together = buffers[a].First <= buffers[b].Last && buffers[b].First <= buffers[a].Last;
                bool apart = plan.Offsets[a] + buffers[a].Bytes <= plan.Offsets[b] || plan.Offsets[b] + buffers[b].Bytes <= plan.Offsets[a];
                Assert.True(!together || apart, $"buffers {a} and {b} overlap");
            }
        }
    });

    [Fact]
    public void Buffers_that_follow_each_other_share_memory() =>
        Assert.Equal(640, MemoryPlan.Create([(640, 0, 1), (640, 2, 3), (64, 4, 5)]).Bytes);

    [Fact]
    public void No_buffers_need_no_memory() => Assert.Equal(0, MemoryPlan.Create([]).Bytes);
}
