using Pigeon.Datasets;
using Pigeon.Kernels;

namespace Pigeon.Models;

/// <summary>The batches of one run: what each holds follows from the seed and its step's number.</summary>
internal sealed class QueryBatches
{
    private const ulong Split = 0;
    private const ulong Orders = 1;
    private const ulong Draws = 2;
    private const int Streams = 3;

    private readonly int[] train;
    private readonly int size;
    private readonly ulong seed;
    private int[] order = [];
    private long orderOf = -1;

    /// <summary>Sets the questions aside that validate.</summary>
    /// <exception cref="PigeonException">PG0453: no questions are left to learn from.</exception>
    public QueryBatches(QueryBatch questions, int size, double validation, ulong seed)
    {
        Questions = questions;
        this.size = size;
        this.seed = seed;
        int[] all = [.. Enumerable.Range(0, questions.Count)];
        new SplitMix64(seed, Split).Shuffle(all);
        int aside = (int)Math.Round(all.Length * validation);
        (Valid, train) = (all[..aside], all[aside..]);
        if (train.Length == 0)
        {
            throw new PigeonException("PG0453", "no questions are left to learn from", "train split", "set a smaller share aside");
        }

        Steps = (train.Length + size - 1) / size;
    }

    /// <summary>All questions.</summary>
    public QueryBatch Questions { get; }

    /// <summary>The questions to choose an epoch by.</summary>
    public int[] Valid { get; }

    /// <summary>The steps of an epoch.</summary>
    public int Steps { get; }

    /// <summary>The batch of a step, counted from 1.</summary>
    public GraphBinding Step(long number)
    {
        long epoch = (number - 1) / Steps;
        if (epoch != orderOf)
        {
            order = [.. train];
            new SplitMix64(seed, Stream(Orders, epoch)).Shuffle(order);
            orderOf = epoch;
        }

        int first = (int)((number - 1) % Steps) * size;
        var random = new SplitMix64(seed, Stream(Draws, number));
        return Questions.Bind(order.AsSpan(first, Math.Min(size, order.Length - first)), limit => random.Below(limit));
    }

    private static ulong Stream(ulong kind, long index) => ((ulong)index * Streams) + kind;
}
