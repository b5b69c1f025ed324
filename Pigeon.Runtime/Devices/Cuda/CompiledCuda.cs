namespace Pigeon.Runtime;

/// <summary>What NVRTC made of a program.</summary>
/// <param name="Image">Machine code and PTX.</param>
/// <param name="Log">The log, with registers, shared memory and spills of each kernel.</param>
/// <param name="FromCache">Whether an earlier run compiled the same.</param>
/// <param name="Milliseconds">What it took, the time that the processor worked for others included.</param>
public sealed record CompiledCuda(GpuImage Image, string Log, bool FromCache, double Milliseconds = 0);
