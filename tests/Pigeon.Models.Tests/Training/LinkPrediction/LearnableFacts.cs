using System.Collections.Immutable;
using Pigeon.Datasets;
using Pigeon.Runtime;

namespace Pigeon.Models.Tests;

/// <summary>
/// A knowledge graph that can be learned: people have one of a few homes and a language that follows from it. Most languages are known;
/// the others are to be found by way of the home.
/// </summary>
internal static class LearnableFacts
{
    private const int Homes = 3;
    private const int People = 45;

    public static GraphDataset Create(int seed = 1)
    {
        var random = new Random(seed);
        (TripleList train, TripleList valid, TripleList test) = (new(), new(), new());
        for (int person = 0; person < People; person++)
        {
            int home = random.Next(Homes);
            int entity = (2 * Homes) + person;
            train.Add(entity, 0, home);
            (person % 5 == 3 ? valid : person % 5 == 4 ? test : train).Add(entity, 1, Homes + home);
        }

        int count = (2 * Homes) + People;
        var set = new TripleSet("learnable", "generated", count, ["lives in", "speaks"], [.. Enumerable.Range(0, count).Select(i => $"e{i}")])
        {
            Train = train,
            Valid = valid,
            Test = test,
        };
        return set.ToGraph(TripleSplits.Train, reverse: true) with { Splits = TripleSplit.Of(set) };
    }

    public static Recipe RecipeFor(int epochs = 8, string dropout = "0.2", int width = 8) => new()
    {
        Model = "rgcn",
        Dataset = "learnable",
        Set = ImmutableSortedDictionary.CreateRange([KeyValuePair.Create("num_blocks", "2"), new("edge_dropout", dropout)]),
        Task = new LinkPredictionSettings { Width = width, Batch = 32, Negatives = 20, Dropout = 0.1 },
        Epochs = epochs,
        LearningRate = new LearningRate.Constant(0.02),
    };

    /// <summary>The dataset with other facts to learn from.</summary>
    public static GraphDataset WithTrain(ImmutableArray<int> heads, ImmutableArray<int> relations, ImmutableArray<int> tails)
    {
        GraphDataset dataset = Create();
        return dataset with { Splits = dataset.Splits! with { Train = new(heads, relations, tails) } };
    }
}
