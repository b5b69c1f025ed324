using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Pigeon.Simulator;

/// <summary>Lanes as vectors.</summary>
internal static unsafe class LaneVectors
{
    /// <summary>All bits of the elements whose lanes are set; the first lane is the mask's lowest bit.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<T> Mask<T>(uint lanes)
        where T : unmanaged
    {
        if (sizeof(T) == 4)
        {
            Vector256<uint> bits = Vector256.Create(1u, 2, 4, 8, 16, 32, 64, 128);
            return Vector256.Equals(Vector256.Create(lanes) & bits, bits).As<uint, T>();
        }
        if (sizeof(T) == 8)
        {
            Vector256<ulong> bits = Vector256.Create(1ul, 2, 4, 8);
            return Vector256.Equals(Vector256.Create((ulong)lanes) & bits, bits).As<ulong, T>();
        }
        Vector256<ushort> each = Vector256.Create((ushort)1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384, 32768);
        return Vector256.Equals(Vector256.Create((ushort)lanes) & each, each).As<ushort, T>();
    }

    /// <summary>Writes a vector to the lanes from <paramref name="first"/> on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store<T>(T* row, int first, Vector256<T> value, uint lanes)
        where T : unmanaged
    {
        if (lanes != Operation.AllLanes)
        {
            value = Vector256.ConditionalSelect(Mask<T>(lanes >> first), value, Vector256.Load(row + first));
        }
        value.Store(row + first);
    }
}

/// <summary>d = f(a).</summary>
internal sealed unsafe class UnaryOperation<T, TFunction>(Row d, Row a) : Operation
    where T : unmanaged
    where TFunction : struct, IUnary<T>
{
    /// <inheritdoc/>
    public override void Run(Warp warp, uint lanes)
    {
        T* to = warp.Values<T>(d), from = warp.Values<T>(a);
        for (; lanes != 0; lanes &= lanes - 1)
        {
            int lane = BitOperations.TrailingZeroCount(lanes);
            to[lane] = TFunction.Apply(from[lane]);
        }
    }
}

/// <summary>d = f(a, b).</summary>
internal sealed unsafe class BinaryOperation<T, TFunction>(Row d, Row a, Row b) : Operation
    where T : unmanaged
    where TFunction : struct, IBinary<T>
{
    /// <inheritdoc/>
    public override void Run(Warp warp, uint lanes)
    {
        T* to = warp.Values<T>(d), left = warp.Values<T>(a), right = warp.Values<T>(b);
        if (TFunction.HasVectors)
        {
            for (int i = 0; i < 32; i += Vector256<T>.Count)
            {
                LaneVectors.Store(to, i, TFunction.Apply(Vector256.Load(left + i), Vector256.Load(right + i)), lanes);
            }
            return;
        }
        for (; lanes != 0; lanes &= lanes - 1)
        {
            int lane = BitOperations.TrailingZeroCount(lanes);
            to[lane] = TFunction.Apply(left[lane], right[lane]);
        }
    }
}

/// <summary>d = f(a, b, c).</summary>
internal sealed unsafe class TernaryOperation<T, TFunction>(Row d, Row a, Row b, Row c) : Operation
    where T : unmanaged
    where TFunction : struct, ITernary<T>
{
    /// <inheritdoc/>
    public override void Run(Warp warp, uint lanes)
    {
        T* to = warp.Values<T>(d), first = warp.Values<T>(a), second = warp.Values<T>(b), third = warp.Values<T>(c);
        if (TFunction.HasVectors)
        {
            for (int i = 0; i < 32; i += Vector256<T>.Count)
            {
                Vector256<T> value = TFunction.Apply(Vector256.Load(first + i), Vector256.Load(second + i), Vector256.Load(third + i));
                LaneVectors.Store(to, i, value, lanes);
            }
            return;
        }
        for (; lanes != 0; lanes &= lanes - 1)
        {
            int lane = BitOperations.TrailingZeroCount(lanes);
            to[lane] = TFunction.Apply(first[lane], second[lane], third[lane]);
        }
    }
}

/// <summary>d = a · b + c in twice the width of a and b; c may be missing.</summary>
internal sealed unsafe class WideMultiplyOperation<TNarrow, TWide>(Row d, Row a, Row b, Row c) : Operation
    where TNarrow : unmanaged, IBinaryInteger<TNarrow>
    where TWide : unmanaged, IBinaryInteger<TWide>
{
    /// <inheritdoc/>
    public override void Run(Warp warp, uint lanes)
    {
        TWide* to = warp.Values<TWide>(d);
        TNarrow* left = warp.Values<TNarrow>(a), right = warp.Values<TNarrow>(b);
        TWide* addend = c.Exists ? warp.Values<TWide>(c) : null;
        for (; lanes != 0; lanes &= lanes - 1)
        {
            int lane = BitOperations.TrailingZeroCount(lanes);
            TWide product = unchecked(TWide.CreateTruncating(left[lane]) * TWide.CreateTruncating(right[lane]));
            to[lane] = addend is null ? product : unchecked(product + addend[lane]);
        }
    }
}

/// <summary>p = a ∘ b, combined with a further predicate, and q from the complement.</summary>
internal sealed unsafe class CompareOperation<T, TRelation>(Row p, Row q, Row a, Row b, bool negated, LogicOperator combine, Row c,
    uint flip)
    : Operation
    where T : unmanaged
    where TRelation : struct, IRelation<T>
{
    /// <inheritdoc/>
    public override void Run(Warp warp, uint lanes)
    {
        T* left = warp.Values<T>(a), right = warp.Values<T>(b);
        uint holds = 0;
        for (int i = 0; i < 32; i += Vector256<T>.Count)
        {
            holds |= TRelation.Holds(Vector256.Load(left + i), Vector256.Load(right + i)).ExtractMostSignificantBits() << i;
        }
        holds ^= negated ? AllLanes : 0;
        uint other = combine == LogicOperator.None ? 0 : warp.Predicate(c) ^ flip;
        Set(ref warp.Predicate(p), Combine(holds, other), lanes);
        if (q.Exists)
        {
            Set(ref warp.Predicate(q), Combine(~holds, other), lanes);
        }
    }

    private static void Set(ref uint predicate, uint value, uint lanes) => predicate = (predicate & ~lanes) | (value & lanes);

    private uint Combine(uint holds, uint other) => combine switch
    {
        LogicOperator.And => holds & other,
        LogicOperator.Or => holds | other,
        LogicOperator.Xor => holds ^ other,
        _ => holds,
    };
}

/// <summary>How a comparison is combined with a predicate.</summary>
internal enum LogicOperator
{
    /// <summary>Not at all.</summary>
    None,

    /// <summary>Both hold.</summary>
    And,

    /// <summary>Either holds.</summary>
    Or,

    /// <summary>One holds.</summary>
    Xor,
}

/// <summary>d = p ? a : b.</summary>
internal sealed unsafe class SelectOperation<T>(Row d, Row a, Row b, Row p, uint flip) : Operation
    where T : unmanaged
{
    /// <inheritdoc/>
    public override void Run(Warp warp, uint lanes)
    {
        T* to = warp.Values<T>(d), yes = warp.Values<T>(a), no = warp.Values<T>(b);
        uint holds = warp.Predicate(p) ^ flip;
        for (int i = 0; i < 32; i += Vector256<T>.Count)
        {
            Vector256<T> mask = LaneVectors.Mask<T>(holds >> i);
            LaneVectors.Store(to, i, Vector256.ConditionalSelect(mask, Vector256.Load(yes + i), Vector256.Load(no + i)), lanes);
        }
    }

    /// <inheritdoc/>
    public override uint DefinedLanes(Warp warp, int[] reads)
    {
        uint holds = warp.Predicate(p) ^ flip;
        return warp.Defined[p.Slot] & ((holds & warp.Defined[a.Slot]) | (~holds & warp.Defined[b.Slot]));
    }
}

/// <summary>d = a.</summary>
internal sealed unsafe class MoveOperation<T>(Row d, Row a) : Operation
    where T : unmanaged
{
    /// <inheritdoc/>
    public override void Run(Warp warp, uint lanes)
    {
        T* to = warp.Values<T>(d), from = warp.Values<T>(a);
        for (int i = 0; i < 32; i += Vector256<T>.Count)
        {
            LaneVectors.Store(to, i, Vector256.Load(from + i), lanes);
        }
    }
}

/// <summary>d = f(a, b), of predicates.</summary>
internal sealed class PredicateOperation(Row d, Row a, uint flipA, Row b, uint flipB, Func<uint, uint, uint> function) : Operation
{
    /// <inheritdoc/>
    public override void Run(Warp warp, uint lanes)
    {
        uint value = function(warp.Predicate(a) ^ flipA, b.Exists ? warp.Predicate(b) ^ flipB : 0);
        ref uint predicate = ref warp.Predicate(d);
        predicate = (predicate & ~lanes) | (value & lanes);
    }
}

/// <summary>d = f(a, b, c) of raw bits: what is too rare for a form of its own.</summary>
internal sealed unsafe class LaneOperation(Row d, Row[] sources, Func<ulong, ulong, ulong, ulong> function) : Operation
{
    private readonly Row a = sources.Length > 0 ? sources[0] : Row.None;
    private readonly Row b = sources.Length > 1 ? sources[1] : Row.None;
    private readonly Row c = sources.Length > 2 ? sources[2] : Row.None;

    /// <summary>One lane's bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Load(Warp warp, Row row, int lane) => row.Bytes switch
    {
        4 => warp.Values<uint>(row)[lane],
        8 => warp.Values<ulong>(row)[lane],
        2 => warp.Values<ushort>(row)[lane],
        0 => warp.Predicate(row) >> lane & 1,
        _ => 0,
    };

    /// <summary>Writes one lane's bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Warp warp, Row row, int lane, ulong bits)
    {
        switch (row.Bytes)
        {
            case 4:
                warp.Values<uint>(row)[lane] = (uint)bits;
                break;
            case 8:
                warp.Values<ulong>(row)[lane] = bits;
                break;
            case 2:
                warp.Values<ushort>(row)[lane] = (ushort)bits;
                break;
            case 0:
                ref uint predicate = ref warp.Predicate(row);
                predicate = (predicate & ~(1u << lane)) | ((uint)(bits & 1) << lane);
                break;
        }
    }

    /// <inheritdoc/>
    public override void Run(Warp warp, uint lanes)
    {
        for (; lanes != 0; lanes &= lanes - 1)
        {
            int lane = BitOperations.TrailingZeroCount(lanes);
            Store(warp, d, lane, function(Load(warp, a, lane), Load(warp, b, lane), Load(warp, c, lane)));
        }
    }
}
