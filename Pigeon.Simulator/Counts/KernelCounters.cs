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
    /// <summary>The sum of two.</summary>
    public static KernelCounters operator +(KernelCounters a, KernelCounters b) => new(
        a.WarpInstructions + b.WarpInstructions, a.ActiveLanes + b.ActiveLanes, a.Flops + b.Flops,
            a.DivergentBranches + b.DivergentBranches,
        [.. a.ByClass.Zip(b.ByClass, (x, y) => x + y)], a.Global + b.Global, a.Shared + b.Shared,
        a.UniqueBytesRead + b.UniqueBytesRead, a.UniqueBytesWritten + b.UniqueBytesWritten,
        [.. a.Lines.Concat(b.Lines).GroupBy(line => line.Source).Select(same => same.Aggregate((x, y) => x + y))]);

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
    string Source, long WarpInstructions, long ActiveLanes, Traffic Global, Traffic Shared, long DivergentBranches)
{
    /// <summary>The sum of two of the same line.</summary>
    public static LineCounters operator +(LineCounters a, LineCounters b) => new(
        a.Source, a.WarpInstructions + b.WarpInstructions, a.ActiveLanes + b.ActiveLanes, a.Global + b.Global, a.Shared + b.Shared,
        a.DivergentBranches + b.DivergentBranches);
}
