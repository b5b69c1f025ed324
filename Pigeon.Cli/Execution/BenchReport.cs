namespace Pigeon.Cli;

/// <summary>What was measured.</summary>
internal sealed record BenchReport(IReadOnlyList<BenchCell> Cells);

/// <summary>A model on a graph.</summary>
/// <param name="Model">The model.</param>
/// <param name="Dataset">The graph.</param>
/// <param name="Mode"><c>inference</c> or <c>training</c>.</param>
/// <param name="Threads">The threads of the kernels.</param>
/// <param name="In">The width of the input's rows.</param>
/// <param name="Out">The width of the output's rows.</param>
/// <param name="Nodes">The graph's nodes.</param>
/// <param name="Edges">The graph's edges.</param>
/// <param name="CompileMs">From the program to loaded code.</param>
/// <param name="FromCache">Whether Roslyn had compiled the same source before.</param>
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
internal sealed record BenchCell(string Model, string Dataset, string Mode, int Threads, int In, int Out, int Nodes, int Edges,
    double CompileMs, bool FromCache, int Kernels, int Runs, double MedianMs, double CpuMs, double Gflops, long BytesMoved, long PeakBytes,
    double? UnfusedMs, double? Ratio, double? RelativeError);
