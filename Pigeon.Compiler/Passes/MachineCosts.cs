using System.Collections.Immutable;

namespace Pigeon.Compiler;

/// <summary>
/// What a machine takes for the parts that kernels are made of, in nanoseconds on one thread. A program's predicted time is a sum of these,
/// each as often as it occurs, so they can be fitted to measured times: <c>pigeon doctor --calibrate</c> does. The defaults are estimates for a
/// server with AVX-512; tests and goldens use them.
/// </summary>
/// <param name="LinearVector">A vector of multiply-adds of a typed linear, rows and slices in the cache.</param>
/// <param name="LinearTile">A row's vector of results of a typed linear: begun, and stored.</param>
/// <param name="OuterVector">A vector of multiply-adds of a weight gradient, in the cache.</param>
/// <param name="OuterRow">A row of a block of a weight gradient.</param>
/// <param name="Slice">A type of a contraction: the rows that don't fill a tile, and its first misses.</param>
/// <param name="Operation">An operation on a vector in a register.</param>
/// <param name="Function">An exponential, or another function that is computed, of a vector.</param>
/// <param name="Row">A row of a traversal.</param>
/// <param name="Neighbour">A neighbour of a row.</param>
/// <param name="Near">A vector that is written and read inside one kernel.</param>
/// <param name="Dot">A number that axes of a row are reduced to, across the places of a vector.</param>
/// <param name="Levels">Where rows are read from, smallest first; the last one holds everything.</param>
public sealed record MachineCosts(double LinearVector, double LinearTile, double OuterVector, double OuterRow, double Slice, double Operation,
    double Function, double Row, double Neighbour, double Near, double Dot, EquatableArray<MemoryLevel> Levels)
{
    /// <summary>The estimates that hold where nothing was measured.</summary>
    public static MachineCosts Default { get; } = new(0.4, 0.6, 0.5, 5, 80, 0.6, 25, 6, 1, 0.2, 15,
    [
        new(512L << 10, 1, 0.02),
        new(2L << 20, 5, 0.04),
        new(16L << 20, 15, 0.05),
        new(long.MaxValue, 50, 0.13),
    ]);

    /// <summary>
    /// What it takes to begin a kernel, nanoseconds. On a CPU threads are called, and first rows and indices come from memory; on a GPU kernels
    /// wait for the one before to end, and fill its multiprocessors anew. Not fitted by a calibration.
    /// </summary>
    public double LaunchNs { get; init; } = 2000;

    /// <summary>
    /// The costs of a GPU, all of whose threads work on a kernel: instructions at half of the peak, bytes at the published bandwidth, those of
    /// the second-level cache at three times that. They depend on the architecture alone, so a plan for it is the same on every host.
    /// </summary>
    /// <param name="architecture">The compute capability, as in 80 for 8.0.</param>
    public static MachineCosts OfGpu(int architecture)
    {
        const double Share = 0.5;
        const int Lanes = 8;
        var peaks = GpuPeaks.Of(architecture);
        double instruction = 1e9 / (Share * peaks.F32Flops / 2);
        double vector = Lanes * instruction;
        double byteNs = 1e9 / peaks.MemoryBytes;

        // A type's rows leave half a tile of 64 rows empty, for 64 columns by 64. A row's group has some 16 lanes.
        const double HalfTile = 32 * 64 * 64 / Lanes;
        const double Group = 16;
        return new(vector, 2 * vector, vector, 8 * vector, HalfTile * vector, vector, 12 * vector, 50 * Group * instruction, 10 * Group * instruction,
            vector, 10 * Group * instruction,
            [new(peaks.CacheBytes, Group * instruction, byteNs / 3), new(long.MaxValue, 32 * byteNs, byteNs)])
        {
            LaunchNs = 3000,
        };
    }

    /// <summary>The costs that are not of a level.</summary>
    internal static int SimpleCosts { get; } = (int)MachineCost.Dot + 1;

    /// <summary>The names of the costs, in the order of <see cref="ToArray"/>.</summary>
    public ImmutableArray<string> Names =>
    [
        "linear vector", "linear tile", "outer vector", "outer row", "slice", "operation", "function", "row", "neighbour", "near", "dot",
        .. Levels.SelectMany((_, i) => new[] { $"gather from level {i + 1}", $"byte of level {i + 1}" }),
    ];

    /// <summary>The costs as a list.</summary>
    public double[] ToArray()
    {
        double[] costs = new double[SimpleCosts + (2 * Levels.Count)];
        ReadOnlySpan<double> simple = [LinearVector, LinearTile, OuterVector, OuterRow, Slice, Operation, Function, Row, Neighbour, Near, Dot];
        simple.CopyTo(costs);
        for (int i = 0; i < Levels.Count; i++)
        {
            (costs[SimpleCosts + (2 * i)], costs[SimpleCosts + (2 * i) + 1]) = (Levels[i].GatherNs, Levels[i].ByteNs);
        }

        return costs;
    }

    /// <summary>These levels with other costs, a list as <see cref="ToArray"/> gives.</summary>
    /// <exception cref="ArgumentException">It has another length.</exception>
    public MachineCosts With(IReadOnlyList<double> costs)
    {
        int simple = SimpleCosts;
        if (costs.Count != simple + (2 * Levels.Count))
        {
            throw new ArgumentException($"{costs.Count} costs instead of {simple + (2 * Levels.Count)}", nameof(costs));
        }

        return new(costs[0], costs[1], costs[2], costs[3], costs[4], costs[5], costs[6], costs[7], costs[8], costs[9], costs[10],
            [.. Levels.Select((level, i) => level with { GatherNs = costs[simple + (2 * i)], ByteNs = costs[simple + (2 * i) + 1] })])
        {
            LaunchNs = LaunchNs,
        };
    }

    /// <summary>The level that holds a table of so many bytes.</summary>
    public MemoryLevel LevelOf(double bytes) => Levels[LevelIndex(bytes)];

    internal int LevelIndex(double bytes)
    {
        int level = 0;
        while (level < Levels.Count - 1 && bytes > Levels[level].Bytes)
        {
            level++;
        }

        return level;
    }
}

/// <summary>The costs that are not of a level of the memory, in the order of <see cref="MachineCosts.ToArray"/>.</summary>
internal enum MachineCost
{
    LinearVector,
    LinearTile,
    OuterVector,
    OuterRow,
    Slice,
    Operation,
    Function,
    Row,
    Neighbour,
    Near,
    Dot,
}

/// <summary>A level of the memory.</summary>
/// <param name="Bytes">The largest table that it holds.</param>
/// <param name="GatherNs">Nanoseconds for a row that is not the next one.</param>
/// <param name="ByteNs">Nanoseconds a byte that is read or written.</param>
public sealed record MemoryLevel(long Bytes, double GatherNs, double ByteNs)
{
    /// <summary>Nanoseconds for a row that is not the next one.</summary>
    /// <param name="bytes">The bytes of it that are read or written.</param>
    internal double RowNs(double bytes) => GatherNs + (bytes * ByteNs);
}
