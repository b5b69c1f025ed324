using Pigeon.Datasets;

namespace Pigeon.Models;

/// <summary>The order of the training windows: what a step holds follows from the seed and its number.</summary>
/// <param name="train">The first steps of the windows.</param>
/// <param name="batch">The number of windows of a step.</param>
/// <param name="seed">The seed.</param>
internal sealed class WindowOrder(Range train, int batch, ulong seed)
{
    private int[] order = [];
    private long orderOf = -1;

    /// <summary>The steps of an epoch; windows that don't fill one are left out, other ones in every epoch.</summary>
    public int Steps { get; } = (train.End.Value - train.Start.Value) / batch;

    /// <summary>The windows of a step, counted from 1.</summary>
    public ReadOnlySpan<int> Step(long number)
    {
        long epoch = (number - 1) / Steps;
        if (epoch != orderOf)
        {
            order = [.. Enumerable.Range(train.Start.Value, train.End.Value - train.Start.Value)];
            new SplitMix64(seed, (ulong)epoch).Shuffle(order);
            orderOf = epoch;
        }

        return order.AsSpan((int)((number - 1) % Steps) * batch, batch);
    }
}
