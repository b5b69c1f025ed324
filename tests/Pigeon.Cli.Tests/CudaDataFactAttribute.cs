using Pigeon.Runtime;
using Pigeon.Tests;
using Xunit;

namespace Pigeon.Cli.Tests;

/// <summary>A test that compiles CUDA C++ and reads real data: skipped, with the reason, where one of them is not on the machine.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class CudaDataFactAttribute : FactAttribute
{
    /// <param name="paths">What the test reads, relative to the data folder.</param>
    public CudaDataFactAttribute(params string[] paths) => Skip = Nvrtc.Missing ?? new DataFactAttribute(paths).Skip;
}
