using CsCheck;
using Xunit;

namespace Pigeon.Runtime.Tests;

public class EvaluationRankingTests
{
    /// <summary>Integers are exact in float32, so that the naive ranks are the ranks, ties included.</summary>
    private static readonly Gen<Case> Cases =
        from entities in Gen.OneOf(Gen.Int[1, 12], Gen.Int[250, 600])
        from relations in Gen.Int[1, 4]
        from width in Gen.Int[0, 9]
        from train in Facts(entities, relations, 0, 60)
        from test in Facts(entities, relations, 1, 80)
        from seed in Gen.ULong
        select new Case(entities, relations, train, test, Tensor.RandomIntegers([entities, width], seed, -2, 2),
            Tensor.RandomIntegers([relations, width], seed + 1, -2, 2));

    [Fact]
    public void Ranks_are_what_their_definition_says() => Cases.Sample(c =>
    {
        var index = FactIndex.Create(c.Entities, c.Relations, c.Train, c.Test);
        var scorer = FactScorer.DistMult(c.EntityRows, c.RelationRows);
        Assert.Equal(Naive(c), new RankingEvaluator(index).Evaluate(c.Test, scorer, threads: 2));
    }, iter: 40);

    [Fact]
    public void Figures_are_the_same_bits_for_any_number_of_threads()
    {
        var facts = RandomFacts(700, 5, 1_000, seed: 1);
        var evaluator = new RankingEvaluator(FactIndex.Create(700, 5, facts));
        using var entities = Tensor.Random([700, 37], seed: 2);
        using var relations = Tensor.Random([5, 37], seed: 3);
        var one = evaluator.Evaluate(facts, FactScorer.DistMult(entities, relations));
        Assert.All([2, 3, 8], threads => Assert.Equal(one, evaluator.Evaluate(facts, FactScorer.DistMult(entities, relations), threads)));
    }

    [Fact]
    public void Dot_products_are_fused_and_in_order_wherever_an_entity_lies()
    {
        const int width = 37;
        using var entities = Tensor.Random([300, width], seed: 4);
        float[] question = [.. Enumerable.Range(0, width).Select(k => MathF.Sin(k))];
        var scorer = FactScorer.DotProduct(entities, 1, (_, _, _, vector) => question.CopyTo(vector));
        var score = scorer.Open(new(FactEnd.Tail, new int[FactQuestions.Count], new int[FactQuestions.Count]));
        for (int first = 0; first < 7; first++)
        {
            float[] scores = new float[(300 - first) * FactQuestions.Count];
            score(first, scores);
            for (int i = 0; i < scores.Length; i++)
            {
                int entity = first + (i / FactQuestions.Count);
                float expected = 0;
                for (int k = 0; k < width; k++)
                {
                    expected = MathF.FusedMultiplyAdd(question[k], entities.Span[(entity * width) + k], expected);
                }

                Assert.Equal(expected, scores[i]);
            }
        }
    }

    /// <summary>
    /// Entities 0 … 4 score 5, 4, 4, 3, 1 as tails of (0, r); facts (0, r, 0), (0, r, 1) are known, and (0, r, 3) is asked for.
    /// </summary>
    [Fact]
    public void Filter_leaves_out_the_other_right_answers()
    {
        var report = Evaluate([5, 4, 4, 3, 1], known: [0, 1], answer: 3);
        Assert.Equal((4, 2), (report.Raw.Tails.MeanRank, report.Filtered.Tails.MeanRank));
        Assert.Equal((0.25, 0.5), (report.Raw.Tails.Mrr, report.Filtered.Tails.Mrr));
        Assert.Equal((0, 0, 1), (report.Raw.Tails.HitsAt1, report.Raw.Tails.HitsAt3, report.Raw.Tails.HitsAt10));
        Assert.Equal((0, 1, 1), (report.Filtered.Tails.HitsAt1, report.Filtered.Tails.HitsAt3, report.Filtered.Tails.HitsAt10));
    }

    [Fact]
    public void Ties_count_with_their_mean_rank()
    {
        Assert.Equal(2.5, Evaluate([5, 4, 4, 3, 1], known: [], answer: 1).Raw.Tails.MeanRank);
        Assert.Equal(3, Evaluate([0, 0, 0, 0, 0], known: [], answer: 4).Raw.Tails.MeanRank);
        Assert.Equal(2, Evaluate([0, 0, 0, 0, 0], known: [0, 1], answer: 4).Filtered.Tails.MeanRank);
        Assert.Equal(0, Evaluate([1, 1], known: [], answer: 0).Raw.Tails.HitsAt1);
    }

    [Fact]
    public void Answer_is_not_left_out_where_it_is_known() =>
        Assert.Equal(1, Evaluate([9, 1, 1], known: [0], answer: 0).Filtered.Tails.MeanRank);

    [Fact]
    public void Entities_without_a_score_count_as_higher() =>
        Assert.Equal(3, Evaluate([float.NaN, float.NaN, 1, 0], known: [], answer: 2).Raw.Tails.MeanRank);

    [Fact]
    public void Ranks_never_fall_below_1_if_scores_depend_on_the_range()
    {
        var scorer = new FactScorer(3, 1, _ => (_, scores) => scores.Fill(scores.Length == FactQuestions.Count ? 1 : 0));
        var report = Evaluator(3, 1).Evaluate(new([0], [0], [1]), scorer);
        Assert.Equal(1, report.Raw.Both.MeanRank);
    }

    [Fact]
    public void Both_directions_ask_for_their_end()
    {
        var asked = new HashSet<(FactEnd, int, int)>();
        var scorer = new FactScorer(4, 2, questions =>
        {
            lock (asked)
            {
                asked.UnionWith(questions.Known.ToArray().Zip(questions.Relations.ToArray(), (known, r) => (questions.Missing, known, r)));
            }

            return (first, scores) =>
            {
                for (int i = 0; i < scores.Length; i++)
                {
                    scores[i] = (first + (i / FactQuestions.Count)) * (questions.Missing == FactEnd.Head ? 1 : -1);
                }
            };
        });
        var report = Evaluator(4, 2).Evaluate(new([3, 2], [0, 1], [0, 0]), scorer);
        Assert.Equal([(FactEnd.Head, 0, 0), (FactEnd.Head, 0, 1), (FactEnd.Tail, 2, 1), (FactEnd.Tail, 3, 0)], asked.Order());
        Assert.Equal((1.5, 1.0, 1.25), (report.Raw.Heads.MeanRank, report.Raw.Tails.MeanRank, report.Raw.Both.MeanRank));
        Assert.Equal((2, 2, 4), (report.Raw.Heads.Questions, report.Raw.Tails.Questions, report.Raw.Both.Questions));
    }

    [Fact]
    public void Index_lists_answers_in_order_and_once()
    {
        var index = FactIndex.Create(9, 2, new Facts([1, 1, 1], [0, 0, 1], [8, 2, 3]), new Facts([1, 4], [0, 0], [2, 2]));
        Assert.Equal([2, 8], index.Answers(FactEnd.Tail, 1, 0).ToArray());
        Assert.Equal([3], index.Answers(FactEnd.Tail, 1, 1).ToArray());
        Assert.Equal([1, 4], index.Answers(FactEnd.Head, 2, 0).ToArray());
        Assert.Equal([], index.Answers(FactEnd.Tail, 8, 1).ToArray());
    }

    [Fact]
    public void Progress_ends_with_all_questions()
    {
        var facts = RandomFacts(20, 2, 150, seed: 5);
        var seen = new List<RankingProgress>();
        using var rows = Tensor.Zeros(20, 3);
        using var relations = Tensor.Zeros(2, 3);
        Evaluator(20, 2).Evaluate(facts, FactScorer.DistMult(rows, relations), progress: new Listener(seen.Add));
        Assert.Equal(6, seen.Count);
        Assert.Equal(new(300, 300), seen[^1]);
    }

    [Fact]
    public void Cancelling_stops_the_evaluation()
    {
        using var cancellation = new CancellationTokenSource();
        int blocks = 0;
        var scorer = new FactScorer(20, 2, _ => (_, scores) => scores.Clear());
        Assert.ThrowsAny<OperationCanceledException>(() => Evaluator(20, 2).Evaluate(RandomFacts(20, 2, 1_000, seed: 6), scorer, threads: 2,
            new Listener(_ =>
            {
                // The first block cancels; the others wait for that, however the threads are scheduled.
                if (Interlocked.Increment(ref blocks) == 1)
                {
                    cancellation.Cancel();
                }

                cancellation.Token.WaitHandle.WaitOne();
            }), cancellation.Token));
        Assert.InRange(blocks, 1, 4);
    }

    [Fact]
    public void What_can_not_be_ranked_is_refused()
    {
        using var rows = Tensor.Zeros(4, 3);
        using var relations = Tensor.Zeros(2, 3);
        using var narrow = Tensor.Zeros(2, 2);
        using var vector = Tensor.Zeros(4);
        using var broken = Tensor.From([0, 0, float.NaN, 0], 4, 1);
        using var one = Tensor.From([1, 1], 2, 1);
        var scorer = FactScorer.DistMult(rows, relations);
        var evaluator = Evaluator(4, 2);
        Refusal.Of("PG0230", () => new Facts([1], [0], []));
        Refusal.Of("PG0231", () => FactIndex.Create(4, 2, new Facts([4], [0], [0])));
        Refusal.Of("PG0231", () => FactIndex.Create(4, 2, new Facts([0], [2], [0])));
        Refusal.Of("PG0231", () => evaluator.Evaluate(new([0], [0], [-1]), scorer));
        Refusal.Of("PG0232", () => FactScorer.DistMult(rows, narrow));
        Refusal.Of("PG0232", () => FactScorer.DistMult(vector, relations));
        Refusal.Of("PG0233", () => evaluator.Evaluate(new([], [], []), scorer));
        Refusal.Of("PG0234", () => Evaluator(5, 2).Evaluate(new([0], [0], [0]), scorer));
        Refusal.Of("PG0234", () => Evaluator(4, 3).Evaluate(new([0], [0], [0]), scorer));
        Refusal.Of("PG0235", () => evaluator.Evaluate(new([0], [0], [2]), FactScorer.DistMult(broken, one), threads: 2));
    }

    private static RankingEvaluator Evaluator(int entities, int relations) => new(FactIndex.Create(entities, relations));

    /// <summary>Ranks entity <paramref name="answer"/> as the tail of (0, 0), where entities have the given scores.</summary>
    private static RankingReport Evaluate(float[] tailScores, int[] known, int answer)
    {
        var asked = new Facts([0], [0], [answer]);
        var train = new Facts([.. known.Select(_ => 0)], [.. known.Select(_ => 0)], [.. known]);
        var scorer = new FactScorer(tailScores.Length, 1, questions => (first, scores) =>
        {
            for (int i = 0; i < scores.Length; i++)
            {
                scores[i] = questions.Missing == FactEnd.Tail ? tailScores[first + (i / FactQuestions.Count)] : 0;
            }
        });
        return new RankingEvaluator(FactIndex.Create(tailScores.Length, 1, train, asked)).Evaluate(asked, scorer);
    }

    private static RankingReport Naive(Case c)
    {
        var known = Triples(c.Train).Concat(Triples(c.Test)).ToHashSet();
        int width = (int)c.EntityRows.Shape[1];
        var ranks = new List<(double Raw, double Filtered)>();
        foreach (var missing in (FactEnd[])[FactEnd.Head, FactEnd.Tail])
        {
            for (int i = 0; i < c.Test.Count; i++)
            {
                var (h, r, t) = (c.Test.Heads[i], c.Test.Relations[i], c.Test.Tails[i]);
                (int Head, int Relation, int Tail)[] candidates = [.. Enumerable.Range(0, c.Entities)
                    .Select(e => missing == FactEnd.Head ? (e, r, t) : (h, r, e))];
                ranks.Add((Rank(candidates), Rank(candidates.Where(fact => fact == (h, r, t) || !known.Contains(fact)))));

                double Rank(IEnumerable<(int Head, int Relation, int Tail)> facts)
                {
                    double answer = Score((h, r, t));
                    double[] scores = [.. facts.Select(Score)];
                    return scores.Count(s => s > answer) + ((scores.Count(s => s == answer) + 1) / 2.0);
                }
            }
        }

        return new(Sides([.. ranks.Select(rank => rank.Filtered)]), Sides([.. ranks.Select(rank => rank.Raw)]));

        double Score((int Head, int Relation, int Tail) fact)
        {
            double sum = 0;
            for (int k = 0; k < width; k++)
            {
                sum += c.EntityRows.Span[(fact.Head * width) + k] * c.RelationRows.Span[(fact.Relation * width) + k] *
                    c.EntityRows.Span[(fact.Tail * width) + k];
            }

            return sum;
        }
    }

    private static IEnumerable<(int Head, int Relation, int Tail)> Triples(Facts facts) =>
        facts.Heads.Zip(facts.Relations, facts.Tails);

    private static RankingSides Sides(double[] ranks) =>
        new(Figures(ranks), Figures(ranks[..(ranks.Length / 2)]), Figures(ranks[(ranks.Length / 2)..]));

    private static RankingFigures Figures(double[] ranks) => new(ranks.Length, ranks.Average(rank => 1 / rank), ranks.Average(),
        Share(ranks, 1), Share(ranks, 3), Share(ranks, 10));

    private static double Share(double[] ranks, int limit) => ranks.Average(rank => rank <= limit ? 1.0 : 0);

    private static Gen<Facts> Facts(int entities, int relations, int fewest, int most) =>
        from heads in Gen.Int[0, entities - 1].Array[fewest, most]
        from r in Gen.Int[0, relations - 1].Array[heads.Length]
        from tails in Gen.Int[0, entities - 1].Array[heads.Length]
        select new Facts([.. heads], [.. r], [.. tails]);

    private static Facts RandomFacts(int entities, int relations, int count, int seed)
    {
        var random = new Random(seed);
        return new([.. Draw(entities)], [.. Draw(relations)], [.. Draw(entities)]);

        IEnumerable<int> Draw(int limit) => Enumerable.Range(0, count).Select(_ => random.Next(limit));
    }

    private sealed record Case(int Entities, int Relations, Facts Train, Facts Test, Tensor EntityRows, Tensor RelationRows);

    /// <summary>Reports at once, on the reporting thread; <see cref="Progress{T}"/> would do so later.</summary>
    private sealed class Listener(Action<RankingProgress> report) : IProgress<RankingProgress>
    {
        public void Report(RankingProgress value) => report(value);
    }
}
