using Pigeon.Kernels;

namespace Pigeon.Runtime;

/// <summary>
/// Which entities are known to complete a fact: for (head, relation) its tails and for (tail, relation) its heads, in rising order
/// and once each. Built once from all splits; safe for use from several threads.
/// </summary>
public sealed class FactIndex
{
    private readonly AnswerLists tails;
    private readonly AnswerLists heads;

    private FactIndex(int entityCount, int relationCount, AnswerLists heads, AnswerLists tails)
    {
        EntityCount = entityCount;
        RelationCount = relationCount;
        this.heads = heads;
        this.tails = tails;
    }

    /// <summary>The number of entities.</summary>
    public int EntityCount { get; }

    /// <summary>The number of relations.</summary>
    public int RelationCount { get; }

    /// <summary>Indexes facts.</summary>
    /// <param name="entityCount">The number of entities.</param>
    /// <param name="relationCount">The number of relations.</param>
    /// <param name="splits">All facts that are known to hold: train, valid and test.</param>
    /// <exception cref="PigeonException">PG0231: an id is out of range.</exception>
    public static FactIndex Create(int entityCount, int relationCount, params ReadOnlySpan<Facts> splits)
    {
        int count = 0;
        foreach (var facts in splits)
        {
            facts.Require(entityCount, relationCount);
            count = checked(count + facts.Count);
        }

        var byTail = new (long Question, int Answer)[count];
        var byHead = new (long Question, int Answer)[count];
        int next = 0;
        foreach (var facts in splits)
        {
            for (int i = 0; i < facts.Count; i++, next++)
            {
                byTail[next] = (Question(facts.Tails[i], facts.Relations[i]), facts.Heads[i]);
                byHead[next] = (Question(facts.Heads[i], facts.Relations[i]), facts.Tails[i]);
            }
        }

        return new(entityCount, relationCount, new(byTail), new(byHead));
    }

    /// <summary>The entities that complete a fact.</summary>
    /// <param name="missing">The end that is asked for.</param>
    /// <param name="known">The entity at the other end.</param>
    /// <param name="relation">The relation.</param>
    public ReadOnlySpan<int> Answers(FactEnd missing, int known, int relation) =>
        (missing == FactEnd.Head ? heads : tails).Of(Question(known, relation));

    private static long Question(int known, int relation) => ((long)known << 32) | (uint)relation;

    /// <summary>For each question the range of its answers, questions in rising order.</summary>
    private sealed class AnswerLists
    {
        private readonly long[] questions;
        private readonly int[] starts;
        private readonly int[] answers;

        public AnswerLists((long Question, int Answer)[] pairs)
        {
            Array.Sort(pairs);
            var questions = new List<long>();
            var starts = new List<int>();
            var answers = new List<int>(pairs.Length);
            for (int i = 0; i < pairs.Length; i++)
            {
                if (i > 0 && pairs[i] == pairs[i - 1])
                {
                    continue;
                }

                if (i == 0 || pairs[i].Question != pairs[i - 1].Question)
                {
                    questions.Add(pairs[i].Question);
                    starts.Add(answers.Count);
                }

                answers.Add(pairs[i].Answer);
            }

            starts.Add(answers.Count);
            this.questions = [.. questions];
            this.starts = [.. starts];
            this.answers = [.. answers];
        }

        public ReadOnlySpan<int> Of(long question)
        {
            int at = Array.BinarySearch(questions, question);
            return at < 0 ? [] : answers.AsSpan(starts[at]..starts[at + 1]);
        }
    }
}
