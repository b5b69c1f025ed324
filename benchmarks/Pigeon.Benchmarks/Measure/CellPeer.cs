namespace Pigeon.Benchmarks;

/// <summary>What became of one peer in a cell.</summary>
/// <param name="Kind">What it stands for.</param>
/// <param name="Variant">Which of its kind.</param>
/// <param name="CpuMs">The median CPU time of a run, all threads of the process; null where it did not run.</param>
/// <param name="LeastCpuMs">The least CPU time of a run.</param>
/// <param name="WallMs">The median wall time of a run.</param>
/// <param name="Runs">The number of runs measured.</param>
/// <param name="RelativeError">The largest relative difference from Pigeon, over output, loss, gradients and new weights.</param>
/// <param name="PredictedBytes">The memory that a run was estimated to take, or takes.</param>
/// <param name="Absent">Why it did not run; null where it did.</param>
internal sealed record CellPeer(PeerKind Kind, string Variant, double? CpuMs, double? LeastCpuMs, double? WallMs, int Runs,
    double? RelativeError, long PredictedBytes, string? Absent);
