using System.Numerics;

namespace Pigeon.Simulator;

/// <summary><c>cvt</c> between integers, where registers are as wide as the types.</summary>
internal sealed unsafe class IntegerConvertOperation<TFrom, TTo>(Row d, Row a) : Operation
    where TFrom : unmanaged, IBinaryInteger<TFrom>
    where TTo : unmanaged, IBinaryInteger<TTo>
{
    /// <inheritdoc/>
    public override void Run(Warp warp, uint lanes)
    {
        TTo* to = warp.Values<TTo>(d);
        TFrom* from = warp.Values<TFrom>(a);
        for (; lanes != 0; lanes &= lanes - 1)
        {
            int lane = BitOperations.TrailingZeroCount(lanes);
            to[lane] = TTo.CreateTruncating(from[lane]);
        }
    }
}

/// <summary>How <c>cvt</c> converts.</summary>
/// <param name="To">The type of the result.</param>
/// <param name="From">The type of the source.</param>
/// <param name="Mode">The rounding of a floating-point result.</param>
/// <param name="IntegerMode">The rounding to an integer (<c>rni</c> …), or null.</param>
/// <param name="Saturates">Whether it clamps.</param>
/// <param name="Flushes">Whether subnormals become zero.</param>
/// <param name="Relu">Whether negative results become zero.</param>
internal sealed record Conversion(
    PtxType To, PtxType From, RoundingMode Mode, RoundingMode? IntegerMode, bool Saturates, bool Flushes, bool Relu)
{
    /// <summary>Converts a lane's bits.</summary>
    public ulong Apply(ulong bits)
    {
        if (From.IsInteger())
        {
            Int128 integer = From.IsSigned() ? BitFunctions.Signed(bits, From.Bytes()) : BitFunctions.Unsigned(bits, From.Bytes());
            return To.IsInteger() ? (ulong)(Saturates ? Clamp(integer) : integer) : FromInteger(integer);
        }
        double value = From switch
        {
            PtxType.F64 => BitConverter.UInt64BitsToDouble(bits),
            PtxType.F32 => Flushed(BitConverter.UInt32BitsToSingle((uint)bits)),
            PtxType.F16 => HalfFormats.FromHalf((ushort)bits),
            _ => HalfFormats.FromBFloat((ushort)bits),
        };
        if (To.IsInteger())
        {
            return ToInteger(value);
        }
        value = IntegerMode is RoundingMode whole ? Rounding.ToInteger(value, whole) : value;
        return ToFloat(value);
    }

    private float Flushed(float value) => Flushes ? Rounding.Flush(value) : value;

    private ulong ToFloat(double value)
    {
        value = Relu && !(value > 0) && !double.IsNaN(value) ? 0 : value;
        value = Saturates ? Rounding.Saturate(value) : value;
        return To switch
        {
            PtxType.F64 => BitConverter.DoubleToUInt64Bits(value),
            PtxType.F32 => BitConverter.SingleToUInt32Bits(Flushed(Rounding.ToSingle(value, Mode))),
            PtxType.TF32 => HalfFormats.ToTf32((float)value, Mode),
            PtxType.F16 => HalfFormats.ToHalf(value, Mode),
            _ => HalfFormats.ToBFloat(value, Mode),
        };
    }

    private ulong FromInteger(Int128 integer)
    {
        // 64-bit integers don't fit the 53 bits of f64: what is cut off is kept as a sticky bit, so that a later rounding is the only one.
        Int128 magnitude = integer < 0 ? -integer : integer;
        int excess = Math.Max(0, 128 - (int)Int128.LeadingZeroCount(magnitude) - 53);
        Int128 cut = magnitude >> excess << excess;
        double rounded = (double)cut;
        if (To == PtxType.F64)
        {
            double other = (double)(cut + (Int128.One << excess));
            bool up = cut != magnitude && Mode switch
            {
                RoundingMode.Up => integer > 0,
                RoundingMode.Down => integer < 0,
                RoundingMode.Zero => false,
                _ => (magnitude - cut) * 2 > Int128.One << excess
                    || ((magnitude - cut) * 2 == Int128.One << excess && (cut >> excess & 1) == 1),
            };
            rounded = up ? other : rounded;
            return BitConverter.DoubleToUInt64Bits(integer < 0 ? -rounded : rounded);
        }
        if (cut != magnitude)
        {
            rounded = BitConverter.Int64BitsToDouble(BitConverter.DoubleToInt64Bits(rounded) | 1);
        }
        return ToFloat(integer < 0 ? -rounded : rounded);
    }

    private ulong ToInteger(double value)
    {
        if (double.IsNaN(value))
        {
            return From != PtxType.F64 && To.Bytes() < 8 ? 0 : 1UL << ((To.Bytes() * 8) - 1);
        }
        double whole = Rounding.ToInteger(value, IntegerMode ?? RoundingMode.Zero);
        Int128 integer = whole >= 1e20 ? Int128.MaxValue : whole <= -1e20 ? Int128.MinValue : (Int128)whole;
        return (ulong)Clamp(integer);
    }

    private Int128 Clamp(Int128 value)
    {
        int bits = To.Bytes() * 8;
        (Int128 low, Int128 high) = To.IsSigned() ? (-(Int128.One << (bits - 1)), (Int128.One << (bits - 1)) - 1) : (0,
            (Int128.One << bits) - 1);
        return value < low ? low : value > high ? high : value;
    }
}
