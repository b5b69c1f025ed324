namespace Pigeon.Simulator;

/// <summary>bf16, f16 and tf32 as bits.</summary>
internal static class HalfFormats
{
    /// <summary>The value of a bf16.</summary>
    public static float FromBFloat(ushort bits) => BitConverter.UInt32BitsToSingle((uint)bits << 16);

    /// <summary>The value of an f16.</summary>
    public static float FromHalf(ushort bits) => (float)BitConverter.UInt16BitsToHalf(bits);

    /// <summary>Rounds to bf16.</summary>
    /// <param name="value">A value rounded to odd, or exact.</param>
    /// <param name="mode">To nearest or towards zero.</param>
    public static ushort ToBFloat(double value, RoundingMode mode)
    {
        if (double.IsNaN(value))
        {
            return 0x7FFF;
        }
        // To odd in f32 first: 24 bits are enough for a second rounding to 8.
        float single = (float)value;
        uint bits = BitConverter.SingleToUInt32Bits(Rounding.ToSingle(value, RoundingMode.Zero));
        if (float.IsInfinity(single) && double.IsInfinity(value))
        {
            return (ushort)(BitConverter.SingleToUInt32Bits(single) >> 16);
        }
        bits |= BitConverter.UInt32BitsToSingle(bits) == value ? 0u : 1u;
        return mode == RoundingMode.Zero ? (ushort)(bits >> 16) : (ushort)((bits + 0x7FFF + (bits >> 16 & 1)) >> 16);
    }

    /// <summary>Rounds to f16.</summary>
    /// <inheritdoc cref="ToBFloat"/>
    public static ushort ToHalf(double value, RoundingMode mode)
    {
        if (double.IsNaN(value))
        {
            return 0x7FFF;
        }
        var half = (Half)value;
        if (mode == RoundingMode.Zero && Math.Abs((double)half) > Math.Abs(value))
        {
            half = half > (Half)0 ? Half.BitDecrement(half) : Half.BitIncrement(half);
        }
        return BitConverter.HalfToUInt16Bits(half);
    }

    /// <summary>Rounds to tf32: 10 bits of fraction.</summary>
    public static uint ToTf32(float value, RoundingMode mode)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value);
        if (!float.IsFinite(value))
        {
            return float.IsNaN(value) ? 0x7FFFFFFF : bits;
        }
        uint added = mode switch
        {
            RoundingMode.NearestAway => 0x1000,
            RoundingMode.Nearest => 0xFFF + (bits >> 13 & 1),
            _ => 0,
        };
        return (bits + added) & ~0x1FFFu;
    }
}
