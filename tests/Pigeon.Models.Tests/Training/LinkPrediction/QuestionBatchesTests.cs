using Pigeon.Datasets;
using Xunit;

namespace Pigeon.Models.Tests;

public sealed class QuestionBatchesTests
{
    private const int Batch = 10;
    private const int Negatives = 12;
    private static readonly TripleSplit Split = LearnableFacts.Create().Splits!;

    [Fact]
    public void An_epoch_asks_both_ends_of_every_fact_but_for_what_fills_no_step()
    {
        QuestionBatches batches = Create(seed: 1);
        var asked = new HashSet<(int, int, int)>();
        for (int step = 1; step <= batches.StepsPerEpoch; step++)
        {
            batches.MoveTo(step);
            Assert.All(Enumerable.Range(0, Batch), i => Assert.True(asked.Add((batches.Known[i], batches.Asked[i], batches.Answers[i]))));
        }

        var all = Enumerable.Range(0, Split.Train.Count).SelectMany(f => new[]
        {
            (Split.Train.Heads[f], Split.Train.Relations[f], Split.Train.Tails[f]),
            (Split.Train.Tails[f], Split.RelationCount + Split.Train.Relations[f], Split.Train.Heads[f]),
        }).ToHashSet();
        Assert.Subset(all, asked);
        Assert.InRange(all.Count - asked.Count, 0, Batch - 1);
    }

    [Fact]
    public void A_step_has_the_same_numbers_whatever_came_before()
    {
        QuestionBatches straight = Create(seed: 1);
        for (int step = 1; step <= 2 * straight.StepsPerEpoch; step++)
        {
            straight.MoveTo(step);
            QuestionBatches jumped = Create(seed: 1);
            jumped.MoveTo(step);
            Assert.Equal(Numbers(straight), Numbers(jumped));
        }
    }

    [Fact]
    public void Seeds_epochs_and_steps_differ()
    {
        QuestionBatches batches = Create(seed: 1);
        QuestionBatches other = Create(seed: 2);
        var seen = new HashSet<string>();
        foreach (long step in (long[])[1, 2, 1 + batches.StepsPerEpoch])
        {
            batches.MoveTo(step);
            other.MoveTo(step);
            Assert.True(seen.Add(Numbers(batches)));
            Assert.True(seen.Add(Numbers(other)));
        }
    }

    [Fact]
    public void Wrong_answers_are_drawn_evenly_and_never_twice()
    {
        QuestionBatches batches = Create(seed: 3);
        int[] counts = new int[Split.EntityCount];
        const int steps = 2000;
        for (int step = 1; step <= steps; step++)
        {
            batches.MoveTo(step);
            Assert.Equal(Negatives, batches.Negatives.Distinct().Count());
            foreach (int entity in batches.Negatives)
            {
                counts[entity]++;
            }
        }

        // A binomial count, within five standard deviations.
        double share = (double)Negatives / Split.EntityCount;
        Assert.All(counts, count => Assert.InRange(count, steps * share - 5 * Math.Sqrt(steps * share), steps * share + 5 * Math.Sqrt(steps * share)));
    }

    [Fact]
    public void There_are_never_more_questions_or_wrong_answers_than_can_be()
    {
        var batches = new QuestionBatches(Split, 1_000_000, 1_000_000, seed: 1);
        batches.MoveTo(5);
        Assert.Equal((1, 2 * Split.Train.Count, Split.EntityCount), (batches.StepsPerEpoch, batches.Known.Length, batches.Negatives.Length));
    }

    private static QuestionBatches Create(ulong seed) => new(Split, Batch, Negatives, seed);

    private static string Numbers(QuestionBatches batches) =>
        string.Join(' ', batches.Known.Concat(batches.Asked).Concat(batches.Answers).Concat(batches.Negatives));
}
