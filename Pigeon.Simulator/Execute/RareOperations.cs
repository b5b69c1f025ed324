using System.Numerics;

namespace Pigeon.Simulator;

/// <summary>An instruction that only concerns speed.</summary>
internal sealed class NothingOperation : Operation
{
    /// <inheritdoc/>
    public override void Run(Warp warp, uint lanes)
    {
    }
}

/// <summary>Cuts a value into parts, the lowest first.</summary>
internal sealed class UnpackOperation(Row[] to, Row from, int bytes) : Operation
{
    /// <inheritdoc/>
    public override void Run(Warp warp, uint lanes)
    {
        for (; lanes != 0; lanes &= lanes - 1)
        {
            int lane = BitOperations.TrailingZeroCount(lanes);
            ulong value = LaneOperation.Load(warp, from, lane);
            for (int i = 0; i < to.Length; i++)
            {
                if (to[i].Exists)
                {
                    LaneOperation.Store(warp, to[i], lane, BitFunctions.Unsigned(value >> (8 * bytes * i), bytes));
                }
            }
        }
    }
}

/// <summary>Puts a value together from parts, the lowest first.</summary>
internal sealed class PackOperation(Row to, Row[] from, int bytes) : Operation
{
    /// <summary>One defined part is enough: compilers put a value beside an undefined one, and take only the value out again.</summary>
    public override unsafe uint DefinedLanes(Warp warp, int[] reads)
    {
        uint defined = 0;
        foreach (int slot in reads)
        {
            defined |= warp.Defined[slot];
        }
        return defined;
    }

    /// <inheritdoc/>
    public override void Run(Warp warp, uint lanes)
    {
        for (; lanes != 0; lanes &= lanes - 1)
        {
            int lane = BitOperations.TrailingZeroCount(lanes);
            ulong value = 0;
            for (int i = 0; i < from.Length; i++)
            {
                value |= BitFunctions.Unsigned(LaneOperation.Load(warp, from[i], lane), bytes) << (8 * bytes * i);
            }
            LaneOperation.Store(warp, to, lane, value);
        }
    }
}

/// <summary><c>bfi</c>.</summary>
internal sealed class InsertOperation(Row d, Row a, Row b, Row position, Row length) : Operation
{
    /// <inheritdoc/>
    public override void Run(Warp warp, uint lanes)
    {
        for (; lanes != 0; lanes &= lanes - 1)
        {
            int lane = BitOperations.TrailingZeroCount(lanes);
            LaneOperation.Store(warp, d, lane, BitFunctions.Insert(LaneOperation.Load(warp, a, lane), LaneOperation.Load(warp, b, lane),
                (int)LaneOperation.Load(warp, position, lane) & 255, (int)LaneOperation.Load(warp, length, lane) & 255, d.Bytes * 8));
        }
    }
}

/// <summary><c>add</c> and <c>sub</c> that take or give a carry.</summary>
internal sealed class CarryOperation(Row d, Row a, Row b, bool subtract, bool takes, bool gives) : Operation
{
    /// <inheritdoc/>
    public override void Run(Warp warp, uint lanes)
    {
        int bits = d.Bytes * 8;
        for (uint left = lanes; left != 0; left &= left - 1)
        {
            int lane = BitOperations.TrailingZeroCount(left);
            Int128 carry = takes ? warp.Carry >> lane & 1 : 0;
            Int128 x = LaneOperation.Load(warp, a, lane), y = LaneOperation.Load(warp, b, lane);
            Int128 value = subtract ? x - y - carry : x + y + carry;
            LaneOperation.Store(warp, d, lane, (ulong)value);
            if (gives)
            {
                bool over = value < 0 || value >> bits != 0;
                warp.Carry = (warp.Carry & ~(1u << lane)) | (over ? 1u << lane : 0);
            }
        }
    }
}
