using Pigeon.Runtime;
using Xunit;

namespace Pigeon.Simulator.Tests;

/// <summary>A test that compiles CUDA: skipped, with the reason, where NVRTC is not on the machine.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class NvrtcFactAttribute : FactAttribute
{
    public NvrtcFactAttribute() => Skip = Nvrtc.Missing;
}
