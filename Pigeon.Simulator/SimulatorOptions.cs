namespace Pigeon.Simulator;

/// <summary>How launches are simulated.</summary>
public sealed record SimulatorOptions
{
    /// <summary>What decides in which order warps and blocks run. The same seed gives the same run.</summary>
    public int Seed { get; init; }

    /// <summary>What to look for.</summary>
    public SimulatorChecks Checks { get; init; } = SimulatorChecks.All;

    /// <summary>Whether to count sectors, wavefronts and instructions by line.</summary>
    public bool Counters { get; init; } = true;

    /// <summary>The blocks that run at the same time, at least 1.</summary>
    public int ResidentBlocks { get; init; } = 4;

    /// <summary>The warp instructions after which a launch is given up.</summary>
    public long InstructionBudget { get; init; } = 1L << 36;

    /// <summary>The bytes of shared memory that a block may have.</summary>
    public int SharedBytes { get; init; } = 227 * 1024;

    /// <summary>The distinct findings of a launch that are kept.</summary>
    public int MaxFindings { get; init; } = 50;
}
