using Pigeon.Runtime;

namespace Pigeon.Datasets;

/// <summary>
/// What a link predictor learns and is judged by: forward facts only, since a fact and its reverse are one thing to predict. A graph
/// of the train facts has the same entities and, below <paramref name="RelationCount"/>, the same relations.
/// </summary>
/// <param name="EntityCount">The number of entities, with those that only valid and test mention, or none at all.</param>
/// <param name="RelationCount">The number of relations.</param>
/// <param name="Train">The facts to learn from.</param>
/// <param name="Valid">The facts to choose a model by.</param>
/// <param name="Test">The facts to report.</param>
public sealed record TripleSplit(int EntityCount, int RelationCount, Facts Train, Facts Valid, Facts Test)
{
    /// <summary>The splits of a knowledge graph; null where there are no facts to test on.</summary>
    public static TripleSplit? Of(TripleSet set) => set.Test.Count == 0 ? null : new(set.EntityCount, set.RelationNames.Count,
        ToFacts(set.Train), ToFacts(set.Valid), ToFacts(set.Test));

    private static Facts ToFacts(TripleList list) => new([.. list.Heads], [.. list.Relations], [.. list.Tails]);
}
