namespace Pigeon.Runtime;

/// <summary>How far an evaluation is.</summary>
/// <param name="Done">The questions that are ranked.</param>
/// <param name="Total">All questions.</param>
public readonly record struct RankingProgress(int Done, int Total);
