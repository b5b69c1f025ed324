using System.Collections.Immutable;
using Pigeon.Runtime;
using Pigeon.Tests;
using Xunit;

namespace Pigeon.Simulator.Tests;

/// <summary>The committed PTX is what NVRTC makes of the sources beside it.</summary>
public sealed class CompiledKernelTests
{
    private const string CommittedBy = "12.4";

    public static TheoryData<string> Names => [.. Cases.All.Keys];

    [CudaTheory]
    [MemberData(nameof(Names))]
    public void Kernels_of_this_NVRTC_give_what_the_committed_ones_give(string kernel)
    {
        CompiledCuda compiled = Nvrtc.Compile(new(kernel, Kernels.Source(kernel), ImmutableSortedDictionary<string, string>.Empty), 80, cache: null);
        (LaunchReport committed, double expected) = Run(kernel, Kernels.Ptx(kernel));
        (LaunchReport fresh, double actual) = Run(kernel, compiled.Image.Ptx);
        Assert.Empty(committed.Findings);
        Assert.Empty(fresh.Findings);

        // Another version may contract and order sums in another way; the same one gives the same instructions.
        Assert.InRange(actual, 0, 1e-5);
        if (Nvrtc.Found.Version == CommittedBy)
        {
            Assert.Equal(expected, actual);
            Assert.Equal(committed.Counters.WarpInstructions, fresh.Counters.WarpInstructions);
            Assert.Equal(committed.Counters.Global, fresh.Counters.Global);
        }
    }

    private static (LaunchReport Report, double Error) Run(string kernel, string ptx)
    {
        using var device = new Device(seed: 2);
        using SimulatedModule module = device.Gpu.Load(ptx, kernel + ".ptx");
        return Cases.All[kernel](device, module);
    }
}
