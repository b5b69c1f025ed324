using System.Numerics;

namespace Pigeon.Simulator;

/// <summary>What a barrier of the block does beside waiting.</summary>
internal enum BarrierKind
{
    /// <summary>Waits.</summary>
    Sync,

    /// <summary>Is counted and goes on.</summary>
    Arrive,

    /// <summary>Counts the threads whose predicate holds.</summary>
    Count,

    /// <summary>Whether the predicate of every thread holds.</summary>
    And,

    /// <summary>Whether that of any thread does.</summary>
    Or,
}

/// <summary><c>bar</c> and <c>barrier</c>.</summary>
/// <param name="kind">What it does.</param>
/// <param name="number">The number of the barrier.</param>
/// <param name="threads">How many threads it waits for; None where it is all of the block.</param>
/// <param name="source">The predicate of a reduction.</param>
/// <param name="flip">All bits where the predicate's complement counts.</param>
/// <param name="result">Where its result goes.</param>
internal sealed unsafe class BarrierOperation(BarrierKind kind, Row number, Row threads, Row source, uint flip, Row result) : Operation
{
    /// <summary>What it does.</summary>
    public BarrierKind Kind => kind;

    /// <summary>The number of the barrier.</summary>
    public int Number(Warp warp) => (int)warp.Values<uint>(number)[0] & 15;

    /// <summary>The threads that it waits for; 0 where it is all of the block.</summary>
    public int Threads(Warp warp) => threads.Exists ? (int)warp.Values<uint>(threads)[0] : 0;

    /// <summary>The lanes of a warp whose predicate holds.</summary>
    public uint Votes(Warp warp) => source.Exists ? (warp.Predicate(source) ^ flip) & warp.Alive : 0;

    /// <summary>Writes the result.</summary>
    public void Complete(Warp warp, uint lanes, uint value)
    {
        if (kind == BarrierKind.Count)
        {
            for (uint left = lanes; left != 0; left &= left - 1)
            {
                warp.Values<uint>(result)[BitOperations.TrailingZeroCount(left)] = value;
            }
        }
        else if (kind is BarrierKind.And or BarrierKind.Or)
        {
            ref uint predicate = ref warp.Predicate(result);
            predicate = (predicate & ~lanes) | (value != 0 ? lanes : 0);
        }
    }

    /// <inheritdoc/>
    public override void Run(Warp warp, uint lanes)
    {
    }
}
