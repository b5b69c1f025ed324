using System.Text.Json.Serialization;
using Pigeon.Kernels;

namespace Pigeon.Cli;

/// <summary>What was measured.</summary>
/// <param name="Cells">A model on a graph each.</param>
/// <param name="Roofline">What one core can do at best; null where kernels were not asked for.</param>
internal sealed record BenchReport(IReadOnlyList<BenchCell> Cells, Roofline? Roofline);

/// <summary>A model on a graph.</summary>
/// <param name="Model">The model.</param>
/// <param name="Dataset">The graph.</param>
/// <param name="Mode"><c>inference</c> or <c>training</c>.</param>
/// <param name="Threads">The threads of the kernels.</param>
/// <param name="In">The width of the input's rows.</param>
/// <param name="Out">The width of the output's rows.</param>
/// <param name="Nodes">The graph's nodes.</param>
/// <param name="Edges">The graph's edges.</param>
/// <param name="CompileMs">Wall time from the program to machine code that is ready to run: planned, emitted and compiled, or found in the cache; then loaded.</param>
/// <param name="CompileCpuMs">The CPU time of the process meanwhile, all threads together.</param>
/// <param name="FromCache">Whether an earlier run had compiled it.</param>
/// <param name="Kernels">The number of launches.</param>
/// <param name="Runs">The number of runs measured.</param>
/// <param name="MedianMs">The median time of a run.</param>
/// <param name="CpuMs">The median CPU time of a run, all threads together.</param>
/// <param name="Gflops">The contractions' floating-point operations, in 10⁹ a second.</param>
/// <param name="BytesMoved">The bytes of the values that each kernel reads or writes, summed over kernels.</param>
/// <param name="PeakBytes">The memory of inputs, weights, outputs and everything between.</param>
/// <param name="UnfusedMs">The median time operator by operator on one thread; null where it was not measured.</param>
/// <param name="Ratio">How many times faster the kernels are.</param>
/// <param name="RelativeError">‖kernels − unfused‖ / ‖unfused‖.</param>
/// <param name="PerKernel">Each kernel of a run by itself; null where that was not asked for.</param>
/// <param name="Device">What ran it: <c>cpu</c>, or the name of a GPU or of the simulator.</param>
/// <param name="Storage">What rows are kept in: <c>f32</c> or <c>bf16</c>.</param>
internal sealed record BenchCell(string Model, string Dataset, string Mode, int Threads, int? In, int? Out, int Nodes, int Edges,
    double CompileMs, double CompileCpuMs, bool FromCache, int Kernels, int Runs, double MedianMs, double CpuMs, double Gflops, long BytesMoved, long PeakBytes,
    double? UnfusedMs, double? Ratio, double? RelativeError, IReadOnlyList<BenchKernel>? PerKernel, string Device,
    string Storage);

/// <summary>A kernel of a model on a graph.</summary>
/// <param name="Name">The kernel's name in the plan.</param>
/// <param name="Does">Its shape: a contraction's extents, a traversal's loops.</param>
/// <param name="Rows">The rows that it runs over.</param>
/// <param name="CpuMs">The median CPU time of a launch, all threads together.</param>
/// <param name="Gflops">Its contraction's floating-point operations, in 10⁹ a second; null without one.</param>
/// <param name="TouchedGbs">The bytes that it asks for, a row as often as it is read, in 10⁹ a second.</param>
/// <param name="RoofShare">
/// The time that one core needs at best, for its floating-point operations or for reading and writing each value once, as a share of
/// <paramref name="CpuMs"/>.
/// </param>
/// <param name="Kind">What it is.</param>
/// <param name="FmaShare">The share of the multiply-adds that one core does at best, measured right beside the kernel; null without a contraction.</param>
/// <param name="GatherShare">
/// The time that one core needs to read as many rows of the same widths from tables of the same sizes, in random order where the kernel
/// gathers, and else in order, measured in the same rounds, as a share of the kernel's; null for a contraction without a traversal.
/// </param>
internal sealed record BenchKernel(string Name, string Does, int Rows, double CpuMs, double? Gflops, double TouchedGbs, double RoofShare,
    BenchKernelKind Kind, double? FmaShare, double? GatherShare)
{
    /// <summary>
    /// The share that is held against <see cref="Aim"/>: of multiply-adds, or of the rows' bandwidth, or the time for both of a kernel that does both.
    /// </summary>
    public double Share => (FmaShare ?? 0) + (GatherShare ?? 0);

    /// <summary>What a kernel of its kind should reach.</summary>
    public double Aim => Kind switch
    {
        BenchKernelKind.DenseGemm => 0.9,
        BenchKernelKind.TypedGemm or BenchKernelKind.OuterSum or BenchKernelKind.FusedGemm => 0.65,
        _ => 0.7,
    };
}

/// <summary>A kind of kernel.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<BenchKernelKind>))]
internal enum BenchKernelKind
{
    /// <summary>Rows times the slice of their type.</summary>
    TypedGemm,

    /// <summary>Rows times one matrix.</summary>
    DenseGemm,

    /// <summary>A weight gradient.</summary>
    OuterSum,

    /// <summary>Rows times a slice or a matrix, in one kernel with expressions for their neighbours.</summary>
    FusedGemm,

    /// <summary>Expressions for rows and their neighbours.</summary>
    Traversal,
}
