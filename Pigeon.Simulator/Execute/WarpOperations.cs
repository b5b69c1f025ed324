using System.Numerics;

namespace Pigeon.Simulator;

/// <summary><c>bar.warp.sync</c>: orders the memory accesses of lanes.</summary>
internal sealed class WarpBarrierOperation : Operation
{
    /// <inheritdoc/>
    public override void Run(Warp warp, uint lanes) => warp.Clock.SyncLanes(lanes, warp.Alive);
}

/// <summary><c>membar</c> and <c>fence</c>.</summary>
internal sealed class FenceOperation(bool device) : Operation
{
    /// <inheritdoc/>
    public override void Run(Warp warp, uint lanes) => warp.Clock.Fence(device);
}

/// <summary><c>activemask</c>.</summary>
internal sealed class ActiveMaskOperation(Row d) : Operation
{
    /// <inheritdoc/>
    public override void Run(Warp warp, uint lanes)
    {
        for (uint left = lanes; left != 0; left &= left - 1)
        {
            LaneOperation.Store(warp, d, BitOperations.TrailingZeroCount(left), lanes);
        }
    }
}

/// <summary>Clocks: the warp instructions of the launch so far.</summary>
internal sealed class ClockOperation(Row d) : Operation
{
    /// <inheritdoc/>
    public override void Run(Warp warp, uint lanes)
    {
        for (uint left = lanes; left != 0; left &= left - 1)
        {
            LaneOperation.Store(warp, d, BitOperations.TrailingZeroCount(left), (ulong)warp.Launch.Counters.WarpInstructions);
        }
    }
}

/// <summary><c>trap</c>.</summary>
internal sealed class TrapOperation : Operation
{
    /// <inheritdoc/>
    public override void Run(Warp warp, uint lanes) =>
        warp.Launch.Findings.Report(FindingKind.Trap, warp, BitOperations.TrailingZeroCount(lanes), () => "the kernel gives up by trap");
}

/// <summary><c>shfl.sync</c>.</summary>
/// <param name="d">The result.</param>
/// <param name="p">Whether the source lane was in range; may be None.</param>
/// <param name="a">The value that lanes give.</param>
/// <param name="b">The lane or distance.</param>
/// <param name="c">The clamp and the segment mask.</param>
/// <param name="kind"><c>up</c>, <c>down</c>, <c>bfly</c> or <c>idx</c>.</param>
internal sealed unsafe class ShuffleOperation(Row d, Row p, Row a, Row b, Row c, string kind) : Operation
{
    /// <inheritdoc/>
    public override void Run(Warp warp, uint lanes)
    {
        uint* values = warp.Values<uint>(a), distances = warp.Values<uint>(b), clamps = warp.Values<uint>(c), to = warp.Values<uint>(d);
        uint* taken = stackalloc uint[32];
        uint inRange = 0, defined = 0;
        uint given = warp.Defined[a.Slot] & lanes;
        for (uint left = lanes; left != 0; left &= left - 1)
        {
            int lane = BitOperations.TrailingZeroCount(left);
            int distance = (int)distances[lane] & 31;
            int clamp = (int)clamps[lane] & 31, segment = (int)(clamps[lane] >> 8) & 31;
            int lowest = lane & segment;
            int bound = lowest | (clamp & ~segment);
            (int source, bool within) = kind switch
            {
                "up" => (lane - distance, lane - distance >= bound),
                "down" => (lane + distance, lane + distance <= bound),
                "bfly" => (lane ^ distance, (lane ^ distance) <= bound),
                _ => (lowest | (distance & ~segment), (lowest | (distance & ~segment)) <= bound),
            };
            source = within ? source : lane;
            inRange |= within ? 1u << lane : 0;
            taken[lane] = values[source];
            // The value of a lane that takes no part is undefined: whoever uses it is told.
            defined |= (given >> source & 1) << lane;
            if ((lanes >> source & 1) == 0)
            {
                taken[lane] = 0x7FFFFFFF;
            }
        }
        for (uint left = lanes; left != 0; left &= left - 1)
        {
            int lane = BitOperations.TrailingZeroCount(left);
            to[lane] = taken[lane];
        }
        warp.Defined[d.Slot] = (warp.Defined[d.Slot] & ~lanes) | defined;
        if (p.Exists)
        {
            ref uint predicate = ref warp.Predicate(p);
            predicate = (predicate & ~lanes) | inRange;
            warp.Defined[p.Slot] |= lanes;
        }
    }
}

/// <summary><c>vote.sync</c>.</summary>
internal sealed class VoteOperation(Row d, Row a, uint flip, string kind) : Operation
{
    /// <inheritdoc/>
    public override void Run(Warp warp, uint lanes)
    {
        uint holds = (warp.Predicate(a) ^ flip) & lanes;
        uint value = kind switch
        {
            "ballot" => holds,
            "any" => holds != 0 ? 1u : 0,
            "all" => holds == lanes ? 1u : 0,
            _ => holds == 0 || holds == lanes ? 1u : 0,
        };
        for (uint left = lanes; left != 0; left &= left - 1)
        {
            LaneOperation.Store(warp, d, BitOperations.TrailingZeroCount(left), value);
        }
    }
}

/// <summary><c>match.any.sync</c> and <c>match.all.sync</c>.</summary>
internal sealed class MatchOperation(Row d, Row p, Row a, bool all) : Operation
{
    /// <inheritdoc/>
    public override void Run(Warp warp, uint lanes)
    {
        Span<uint> same = stackalloc uint[32];
        for (uint left = lanes; left != 0; left &= left - 1)
        {
            int lane = BitOperations.TrailingZeroCount(left);
            ulong value = LaneOperation.Load(warp, a, lane);
            for (uint look = lanes; look != 0; look &= look - 1)
            {
                int other = BitOperations.TrailingZeroCount(look);
                same[lane] |= LaneOperation.Load(warp, a, other) == value ? 1u << other : 0;
            }
        }
        bool equal = same[BitOperations.TrailingZeroCount(lanes)] == lanes;
        for (uint left = lanes; left != 0; left &= left - 1)
        {
            int lane = BitOperations.TrailingZeroCount(left);
            LaneOperation.Store(warp, d, lane, all ? (equal ? lanes : 0) : same[lane]);
            if (p.Exists)
            {
                LaneOperation.Store(warp, p, lane, equal ? 1u : 0);
            }
        }
    }
}

/// <summary><c>redux.sync</c>.</summary>
internal sealed class WarpReduceOperation(Row d, Row a, Func<ulong, ulong, ulong, ulong> function) : Operation
{
    /// <inheritdoc/>
    public override void Run(Warp warp, uint lanes)
    {
        ulong total = LaneOperation.Load(warp, a, BitOperations.TrailingZeroCount(lanes));
        for (uint left = lanes & (lanes - 1); left != 0; left &= left - 1)
        {
            total = function(total, LaneOperation.Load(warp, a, BitOperations.TrailingZeroCount(left)), 0);
        }
        for (uint left = lanes; left != 0; left &= left - 1)
        {
            LaneOperation.Store(warp, d, BitOperations.TrailingZeroCount(left), total);
        }
    }
}
