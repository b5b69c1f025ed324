using Pigeon.Runtime;
using Xunit;

namespace Pigeon.Tests;

/// <summary>A test that compiles CUDA C++: skipped, with the reason, where NVRTC is not on the machine.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class CudaFactAttribute : FactAttribute
{
    public CudaFactAttribute() => Skip = Nvrtc.Missing;
}

/// <summary>The same with data.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class CudaTheoryAttribute : TheoryAttribute
{
    public CudaTheoryAttribute() => Skip = Nvrtc.Missing;
}
