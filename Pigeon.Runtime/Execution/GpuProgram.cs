using Pigeon.Kernels;

namespace Pigeon.Runtime;

/// <summary>A compiled program for GPUs: its kernels, and what a host needs to know to run them.</summary>
/// <param name="Signature">Buffers, index arrays and launches.</param>
/// <param name="Image">The kernels.</param>
public sealed record GpuProgram(GpuProgramSignature Signature, GpuImage Image);
