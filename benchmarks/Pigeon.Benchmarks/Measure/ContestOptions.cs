namespace Pigeon.Benchmarks;

/// <summary>How long to measure.</summary>
/// <param name="Rounds">The fewest rounds.</param>
/// <param name="LeastTime">The least time of all rounds together.</param>
/// <param name="MostTime">The time after which a peer is out, once it has run <paramref name="LeastRuns"/> times.</param>
/// <param name="LeastRuns">The fewest runs of a peer.</param>
internal sealed record ContestOptions(int Rounds, TimeSpan LeastTime, TimeSpan MostTime, int LeastRuns);
