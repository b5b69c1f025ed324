using Pigeon.Runtime;
using Xunit;

namespace Pigeon.Tests;

/// <summary>A test that reads machine code: skipped, with the reason, where NVRTC or the disassembler is not on the machine.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class NvdisasmFactAttribute : FactAttribute
{
    public NvdisasmFactAttribute() => Skip = Nvrtc.Missing ?? Nvdisasm.Missing;
}

/// <summary>The same with data.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class NvdisasmTheoryAttribute : TheoryAttribute
{
    public NvdisasmTheoryAttribute() => Skip = Nvrtc.Missing ?? Nvdisasm.Missing;
}
