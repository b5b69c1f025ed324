namespace Pigeon.Simulator;

/// <summary>The directions in which PTX rounds.</summary>
internal enum RoundingMode
{
    /// <summary>To nearest, ties to even (<c>rn</c>).</summary>
    Nearest,

    /// <summary>Towards zero (<c>rz</c>).</summary>
    Zero,

    /// <summary>Down (<c>rm</c>).</summary>
    Down,

    /// <summary>Up (<c>rp</c>).</summary>
    Up,

    /// <summary>To nearest, ties away from zero (<c>rna</c>).</summary>
    NearestAway,
}

/// <summary>
/// Rounding once, from results that are exact or rounded to odd. A sum or product of f32 that is first rounded to odd in f64 and then to
/// f32 is what a single rounding of the exact result would be, in every mode (Boldo and Melquiond, "Emulation of FMA and correctly rounded
/// sums: proved algorithms using rounding to odd", 2008).
/// </summary>
internal static class Rounding
{
    /// <summary>a + b, rounded to odd.</summary>
    public static double AddToOdd(double a, double b)
    {
        double sum = a + b;
        if (!double.IsFinite(sum))
        {
            return sum;
        }
        double virtualB = sum - a;
        double error = (a - (sum - virtualB)) + (b - virtualB);
        return ToOdd(sum, error);
    }

    /// <summary>a / b of two f32, rounded to odd.</summary>
    public static double DivideToOdd(float a, float b)
    {
        double quotient = (double)a / b;
        if (!double.IsFinite(quotient) || b == 0 || float.IsInfinity(b))
        {
            return quotient;
        }
        // The remainder has the sign of what is missing, times that of b.
        double remainder = Math.FusedMultiplyAdd(-quotient, b, a);
        return ToOdd(quotient, b < 0 ? -remainder : remainder);
    }

    /// <summary>√a of an f32, rounded to odd.</summary>
    public static double SquareRootToOdd(float a)
    {
        double root = Math.Sqrt(a);
        return double.IsFinite(root) ? ToOdd(root, Math.FusedMultiplyAdd(-root, root, a)) : root;
    }

    /// <summary>Rounds to f32.</summary>
    public static float ToSingle(double value, RoundingMode mode)
    {
        float nearest = (float)value;
        if (mode == RoundingMode.Nearest || double.IsNaN(value) || nearest == value)
        {
            return nearest;
        }
        bool down = mode == RoundingMode.Down || (mode == RoundingMode.Zero && value > 0);
        return down ? (nearest > value ? MathF.BitDecrement(nearest) : nearest)
            : nearest < value ? MathF.BitIncrement(nearest) : nearest;
    }

    /// <summary>Rounds a sum in f64 whose error is known.</summary>
    public static double Directed(double sum, double error, RoundingMode mode)
    {
        if (error == 0 || double.IsNaN(error) || !double.IsFinite(sum) || mode == RoundingMode.Nearest)
        {
            return sum;
        }
        bool down = mode == RoundingMode.Down || (mode == RoundingMode.Zero && (sum > 0 || (sum == 0 && error > 0)));
        return down ? (error < 0 ? Math.BitDecrement(sum) : sum) : error > 0 ? Math.BitIncrement(sum) : sum;
    }

    /// <summary>Rounds to an integer.</summary>
    public static double ToInteger(double value, RoundingMode mode) => mode switch
    {
        RoundingMode.Nearest => Math.Round(value, MidpointRounding.ToEven),
        RoundingMode.Zero => Math.Truncate(value),
        RoundingMode.Down => Math.Floor(value),
        RoundingMode.Up => Math.Ceiling(value),
        _ => Math.Round(value, MidpointRounding.AwayFromZero),
    };

    /// <summary>Subnormal numbers become zeros of the same sign.</summary>
    public static float Flush(float value) => float.IsSubnormal(value) ? MathF.CopySign(0, value) : value;

    /// <summary>0 … 1, and 0 of NaN.</summary>
    public static float Saturate(float value) => value > 0 ? Math.Min(value, 1) : 0;

    /// <summary>0 … 1, and 0 of NaN.</summary>
    public static double Saturate(double value) => value > 0 ? Math.Min(value, 1) : 0;

    private static double ToOdd(double rounded, double error) =>
        error == 0 || (BitConverter.DoubleToInt64Bits(rounded) & 1) != 0 ? rounded
        : error > 0 ? Math.BitIncrement(rounded) : Math.BitDecrement(rounded);
}
