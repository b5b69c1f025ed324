using System.Collections.Immutable;
using Pigeon.Kernels;

namespace Pigeon.Compiler;

/// <summary>The CUDA C++ of a plan: one translation unit, and the launches that run it.</summary>
/// <param name="Source">The translation unit.</param>
/// <param name="Headers">The templates that it includes, by name.</param>
/// <param name="Signature">What the program needs and gives, and its launches.</param>
public sealed record CudaSource(string Source, ImmutableSortedDictionary<string, string> Headers, GpuProgramSignature Signature);
