namespace Pigeon.Runtime;

/// <summary>The figures of both directions of prediction.</summary>
/// <param name="Both">Over all questions, which is what papers report.</param>
/// <param name="Heads">Where the head was asked for.</param>
/// <param name="Tails">Where the tail was asked for.</param>
public sealed record RankingSides(RankingFigures Both, RankingFigures Heads, RankingFigures Tails)
{
    /// <summary>The figures of ranks, those of heads before those of tails.</summary>
    internal static RankingSides Of(ReadOnlySpan<double> ranks) => new(RankingFigures.Of(ranks),
        RankingFigures.Of(ranks[..(ranks.Length / 2)]), RankingFigures.Of(ranks[(ranks.Length / 2)..]));
}
