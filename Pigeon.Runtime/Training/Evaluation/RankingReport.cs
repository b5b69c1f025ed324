namespace Pigeon.Runtime;

/// <summary>What <see cref="RankingEvaluator"/> finds.</summary>
/// <param name="Filtered">Ranks among the entities that are not known to be right answers too; what papers report.</param>
/// <param name="Raw">Ranks among all entities.</param>
public sealed record RankingReport(RankingSides Filtered, RankingSides Raw);
