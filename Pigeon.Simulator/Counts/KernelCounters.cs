using System.Collections.Immutable;

namespace Pigeon.Simulator;

/// <summary>What a launch, or several, did.</summary>
/// <param name="WarpInstructions">Instructions of warps.</param>
/// <param name="ActiveLanes">Lanes that executed them, summed.</param>
/// <param name="Flops">Floating-point operations: 2 for a fused multiply-add, 2·m·n·k for a matrix product.</param>
/// <param name="DivergentBranches">Jumps at which lanes of a warp parted.</param>
/// <param name="ByClass">Warp instructions by <see cref="InstructionClass"/>.</param>
/// <param name="Global">Requests to the device's memory, in sectors of 32 bytes.</param>
/// <param name="Shared">Requests to shared memory, in wavefronts.</param>
/// <param name="UniqueBytesRead">The sectors that were read, each counted once, in bytes: what no cache can save.</param>
/// <param name="UniqueBytesWritten">The same of sectors that were written.</param>
/// <param name="Lines">The same by source line.</param>
public sealed record KernelCounters(
    long WarpInstructions, long ActiveLanes, long Flops, long DivergentBranches, ImmutableArray<long> ByClass, Traffic Global,
        Traffic Shared,
    long UniqueBytesRead, long UniqueBytesWritten, ImmutableArray<LineCounters> Lines)
{
    /// <summary>Warp instructions of a class.</summary>
    public long Count(InstructionClass of) => ByClass[(int)of];
}

/// <summary>What a source line did.</summary>
/// <param name="Source">File and line; empty where the PTX does not tell.</param>
/// <param name="WarpInstructions">Instructions of warps.</param>
/// <param name="ActiveLanes">Lanes that executed them, summed.</param>
/// <param name="Global">Requests to the device's memory.</param>
/// <param name="Shared">Requests to shared memory.</param>
/// <param name="DivergentBranches">Jumps at which lanes of a warp parted.</param>
public sealed record LineCounters(
    string Source, long WarpInstructions, long ActiveLanes, Traffic Global, Traffic Shared, long DivergentBranches);
