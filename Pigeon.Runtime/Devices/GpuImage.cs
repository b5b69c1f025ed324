using System.Collections.Immutable;

namespace Pigeon.Runtime;

/// <summary>A compiled program: machine code for one architecture, and PTX for later ones.</summary>
/// <param name="Name">The program's name, for reports.</param>
/// <param name="Cubin">Machine code; empty where there is none.</param>
/// <param name="Ptx">The same as PTX.</param>
public sealed record GpuImage(string Name, ImmutableArray<byte> Cubin, string Ptx);
