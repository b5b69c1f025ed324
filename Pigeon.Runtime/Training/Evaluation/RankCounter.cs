using System.Numerics;
using System.Runtime.InteropServices;
using Pigeon.Kernels;

namespace Pigeon.Runtime;

/// <summary>Ranks the answers of a block of questions; the workspace of one thread.</summary>
internal sealed class RankCounter(FactIndex index, FactScorer scorer)
{
    private const int Questions = FactQuestions.Count;

    private readonly float[] scores = new float[Questions * RankingEvaluator.EntitiesPerBlock];
    private readonly int[] known = new int[Questions];
    private readonly int[] relations = new int[Questions];
    private readonly int[] answers = new int[Questions];
    private readonly float[] answerScores = new float[Questions];
    private readonly int[] lower = new int[Questions];
    private readonly int[] equal = new int[Questions];
    private readonly int[] otherLower = new int[Questions];
    private readonly int[] otherEqual = new int[Questions];
    private readonly int[] others = new int[Questions];

    /// <summary>Ranks the answers of consecutive facts.</summary>
    /// <param name="facts">The facts.</param>
    /// <param name="first">The first one.</param>
    /// <param name="missing">The end that is asked for.</param>
    /// <param name="filtered">Takes the filtered ranks of as many as it is long, at most a block.</param>
    /// <param name="raw">Takes the raw ranks.</param>
    public void Rank(Facts facts, int first, FactEnd missing, Span<double> filtered, Span<double> raw)
    {
        var (knownColumn, answerColumn) = missing == FactEnd.Head ? (facts.Tails, facts.Heads) : (facts.Heads, facts.Tails);
        for (int q = 0; q < Questions; q++)
        {
            int fact = first + Math.Min(q, raw.Length - 1);
            (known[q], relations[q], answers[q]) = (knownColumn[fact], facts.Relations[fact], answerColumn[fact]);
        }

        var score = scorer.Open(new(missing, known, relations));
        ScoreAnswers(score, first);
        foreach (int[] counts in (ReadOnlySpan<int[]>)[lower, equal, otherLower, otherEqual, others])
        {
            Array.Clear(counts);
        }

        for (int entity = 0; entity < index.EntityCount; entity += RankingEvaluator.EntitiesPerBlock)
        {
            var block = scores.AsSpan(0, Math.Min(RankingEvaluator.EntitiesPerBlock, index.EntityCount - entity) * Questions);
            score(entity, block);
            PinAnswers(entity, block);
            Count(block);
            CountOthers(missing, entity, block);
        }

        for (int q = 0; q < raw.Length; q++)
        {
            raw[q] = RankOf(index.EntityCount, lower[q], equal[q]);
            filtered[q] = RankOf(index.EntityCount - others[q], lower[q] - otherLower[q], equal[q] - otherEqual[q]);
        }
    }

    /// <summary>1 + those that are higher + half of those that are equal; the answer is one of the equal ones.</summary>
    private static double RankOf(int entities, int lower, int equal) => 1 + (entities - lower - equal) + ((equal - 1) / 2.0);

    private void ScoreAnswers(RangeScorer score, int firstFact)
    {
        var row = scores.AsSpan(0, Questions);
        for (int q = 0; q < Questions; q++)
        {
            score(answers[q], row);
            answerScores[q] = !float.IsNaN(row[q]) ? row[q] : throw new PigeonException("PG0235",
                $"the score of fact {firstFact + q} is not a number", remedy: "train with a lower learning rate or clip gradients");
        }
    }

    /// <summary>
    /// Makes each answer equal itself, so that a scorer whose last bits depend on the range can't make a rank fall below 1.
    /// </summary>
    private void PinAnswers(int firstEntity, Span<float> block)
    {
        for (int q = 0; q < Questions; q++)
        {
            int row = answers[q] - firstEntity;
            if (row >= 0 && row < block.Length / Questions)
            {
                block[(row * Questions) + q] = answerScores[q];
            }
        }
    }

    /// <summary>Counts, for each question, the entities of a block that score lower than the answer, and the same.</summary>
    private void Count(ReadOnlySpan<float> block)
    {
        var lanes = MemoryMarshal.Cast<float, Vector<float>>(block);
        var answer = MemoryMarshal.Cast<float, Vector<float>>(answerScores);
        var lowerSums = MemoryMarshal.Cast<int, Vector<int>>(lower.AsSpan());
        var equalSums = MemoryMarshal.Cast<int, Vector<int>>(equal.AsSpan());
        for (int v = 0; v < answer.Length; v++)
        {
            var limit = answer[v];
            var (lowerSum, equalSum) = (lowerSums[v], equalSums[v]);
            for (int i = v; i < lanes.Length; i += answer.Length)
            {
                // A lane of a comparison is −1 where it holds.
                lowerSum -= Vector.LessThan(lanes[i], limit);
                equalSum -= Vector.Equals(lanes[i], limit);
            }

            lowerSums[v] = lowerSum;
            equalSums[v] = equalSum;
        }
    }

    /// <summary>Counts the other answers that are known, among the entities of a block.</summary>
    private void CountOthers(FactEnd missing, int firstEntity, ReadOnlySpan<float> block)
    {
        int entities = block.Length / Questions;
        for (int q = 0; q < Questions; q++)
        {
            var all = index.Answers(missing, known[q], relations[q]);
            int start = all.BinarySearch(firstEntity);
            for (int i = start < 0 ? ~start : start; i < all.Length && all[i] < firstEntity + entities; i++)
            {
                if (all[i] != answers[q])
                {
                    float score = block[((all[i] - firstEntity) * Questions) + q];
                    others[q]++;
                    otherLower[q] += score < answerScores[q] ? 1 : 0;
                    otherEqual[q] += score == answerScores[q] ? 1 : 0;
                }
            }
        }
    }
}
