using System.Runtime.ExceptionServices;
using Pigeon.Kernels;

namespace Pigeon.Runtime;

/// <summary>
/// Judges link prediction. Each fact asks two questions: given head and relation, which entity is the tail, and the other way round.
/// The rank of the answer is 1 + the entities that score higher + half of those that score the same: ties count with their mean rank.
/// Raw ranks are among all entities; filtered ranks leave out the other answers that the index knows (Bordes et al. 2013). An entity
/// whose score is NaN counts as higher, so a broken model looks bad, not good.
/// </summary>
/// <remarks>
/// A thread holds <see cref="FactQuestions.Count"/> × 256 scores, 64 KiB, however many entities there are. Figures are the same bits
/// for any number of threads.
/// </remarks>
/// <param name="known">All facts that are known to hold; the filter.</param>
public sealed class RankingEvaluator(FactIndex known)
{
    /// <summary>
    /// Entities scored at a time: 64 KiB of scores and, at 200 dimensions, 200 KiB of entities stay in the second-level cache.
    /// </summary>
    internal const int EntitiesPerBlock = 256;

    /// <summary>Ranks the answers of all facts, in both directions.</summary>
    /// <param name="facts">The facts that answer, mostly the test split.</param>
    /// <param name="scorer">Scores the entities.</param>
    /// <param name="threads">How many threads work.</param>
    /// <param name="progress">Told after every block of questions, from any thread and not always in order.</param>
    /// <param name="cancellation">Stops between blocks.</param>
    /// <exception cref="PigeonException">
    /// PG0231: a fact is about what the index doesn't know. PG0233: no facts. PG0234: the scorer has other entities or relations than
    /// the index. PG0235: the score of an answer is NaN.
    /// </exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public RankingReport Evaluate(Facts facts, FactScorer scorer, int threads = 1, IProgress<RankingProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        Check(facts, scorer);
        int count = facts.Count;
        int blocks = (count + FactQuestions.Count - 1) / FactQuestions.Count;
        double[] filtered = new double[2 * count];
        double[] raw = new double[2 * count];
        int done = 0;
        try
        {
            var options = new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancellation };
            Parallel.For(0, 2 * blocks, options, () => new RankCounter(known, scorer), (block, _, counter) =>
            {
                cancellation.ThrowIfCancellationRequested();
                var missing = block < blocks ? FactEnd.Head : FactEnd.Tail;
                int first = block % blocks * FactQuestions.Count;
                int length = Math.Min(FactQuestions.Count, count - first);
                int at = first + (missing == FactEnd.Head ? 0 : count);
                counter.Rank(facts, first, missing, filtered.AsSpan(at, length), raw.AsSpan(at, length));
                progress?.Report(new(Interlocked.Add(ref done, length), 2 * count));
                return counter;
            }, _ => { });
        }
        catch (AggregateException e) when (e.InnerException is PigeonException refusal)
        {
            ExceptionDispatchInfo.Throw(refusal);
        }

        return new(RankingSides.Of(filtered), RankingSides.Of(raw));
    }

    private void Check(Facts facts, FactScorer scorer)
    {
        if (facts.Count == 0)
        {
            throw new PigeonException("PG0233", "there are no facts to rank", remedy: "evaluate on a split that isn't empty");
        }

        if (scorer.EntityCount != known.EntityCount || scorer.RelationCount != known.RelationCount)
        {
            throw new PigeonException("PG0234", $"the model scores {scorer.EntityCount} entities and {scorer.RelationCount} relations, " +
                $"but the facts are about {known.EntityCount} and {known.RelationCount}",
                remedy: "use the model on the knowledge graph that it was trained on");
        }

        facts.Require(known.EntityCount, known.RelationCount);
    }
}
