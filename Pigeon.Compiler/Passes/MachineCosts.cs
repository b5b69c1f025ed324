using System.Collections.Immutable;

namespace Pigeon.Compiler;

/// <summary>
/// What a machine takes for the parts that kernels are made of, on one thread. The defaults are estimates for a server of the 2020s; <c>pigeon
/// doctor --calibrate</c> measures them. Times are in nanoseconds.
/// </summary>
public sealed record MachineCosts
{
    /// <summary>A vector of multiply-adds of a typed linear, rows and slices in the cache.</summary>
    public double LinearVector { get; init; } = 0.35;

    /// <summary>A vector of multiply-adds of a weight gradient, in the cache.</summary>
    public double OuterVector { get; init; } = 0.45;

    /// <summary>An operation on a vector in a register.</summary>
    public double Operation { get; init; } = 0.3;

    /// <summary>An exponential, or another function that is computed, of a vector.</summary>
    public double Function { get; init; } = 6;

    /// <summary>Beginning a row of a traversal.</summary>
    public double Row { get; init; } = 6;

    /// <summary>Going on to the next neighbour of a row.</summary>
    public double Neighbour { get; init; } = 2.5;

    /// <summary>Beginning the slice of a type in a contraction: the rows that don't fill a tile, and its first misses.</summary>
    public double Slice { get; init; } = 100;

    /// <summary>The floats of a vector.</summary>
    public int Lanes { get; init; } = 16;

    /// <summary>Where rows are read from, smallest first; the last one holds everything.</summary>
    public ImmutableArray<MemoryLevel> Levels { get; init; } =
    [
        new(32L << 10, 0.5, 0.012),
        new(512L << 10, 1.5, 0.025),
        new(16L << 20, 5, 0.05),
        new(long.MaxValue, 18, 0.10),
    ];

    /// <summary>The level that holds a table.</summary>
    public MemoryLevel LevelOf(double bytes) => Levels.First(level => bytes <= level.Bytes || level == Levels[^1]);
}

/// <summary>A level of the memory.</summary>
/// <param name="Bytes">The largest table that it holds.</param>
/// <param name="GatherNs">Nanoseconds for a row that is not the next one.</param>
/// <param name="ByteNs">Nanoseconds a byte.</param>
public sealed record MemoryLevel(long Bytes, double GatherNs, double ByteNs);
