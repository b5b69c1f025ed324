namespace Pigeon.Simulator;

/// <summary>
/// The floating-point instructions of PTX as functions. Approximate ones give the correctly rounded value, which is within the error that
/// PTX allows them; hardware gives another within that error.
/// </summary>
internal static class FloatFunctions
{
    private static readonly float CanonicalNaN = BitConverter.UInt32BitsToSingle(0x7FFFFFFF);

    /// <summary>The function of an opcode in f32; null where there is none.</summary>
    public static Func<float, float, float, float>? Single(string opcode, RoundingMode mode) => opcode switch
    {
        "add" => (a, b, _) => Rounding.ToSingle(Rounding.AddToOdd(a, b), mode),
        "sub" => (a, b, _) => Rounding.ToSingle(Rounding.AddToOdd(a, -b), mode),
        "mul" => (a, b, _) => Rounding.ToSingle((double)a * b, mode),
        "fma" or "mad" => (a, b, c) => Rounding.ToSingle(Rounding.AddToOdd((double)a * b, c), mode),
        "div" => (a, b, _) => Rounding.ToSingle(Rounding.DivideToOdd(a, b), mode),
        "rcp" => (a, _, _) => Rounding.ToSingle(Rounding.DivideToOdd(1, a), mode),
        "sqrt" => (a, _, _) => Rounding.ToSingle(Rounding.SquareRootToOdd(a), mode),
        "rsqrt" => (a, _, _) => (float)(1 / Math.Sqrt(a)),
        "neg" => (a, _, _) => -a,
        "abs" => (a, _, _) => MathF.Abs(a),
        "min" => (a, b, _) => Least(a, b),
        "max" => (a, b, _) => -Least(-a, -b),
        "ex2" => (a, _, _) => (float)Math.Pow(2, a),
        "lg2" => (a, _, _) => (float)Math.Log2(a),
        "sin" => (a, _, _) => (float)Math.Sin(a),
        "cos" => (a, _, _) => (float)Math.Cos(a),
        "tanh" => (a, _, _) => (float)Math.Tanh(a),
        "copysign" => (a, b, _) => MathF.CopySign(b, a),
        _ => null,
    };

    /// <summary>The function of an opcode in f64; null where there is none.</summary>
    public static Func<double, double, double, double>? Double(string opcode, RoundingMode mode) => opcode switch
    {
        "add" => (a, b, _) => Sum(a, b, mode),
        "sub" => (a, b, _) => Sum(a, -b, mode),
        "mul" => (a, b, _) => Rounding.Directed(a * b, Math.FusedMultiplyAdd(a, b, -(a * b)), mode),
        "fma" or "mad" when mode == RoundingMode.Nearest => Math.FusedMultiplyAdd,
        "div" when mode == RoundingMode.Nearest => (a, b, _) => a / b,
        "rcp" when mode == RoundingMode.Nearest => (a, _, _) => 1 / a,
        "sqrt" when mode == RoundingMode.Nearest => (a, _, _) => Math.Sqrt(a),
        "rsqrt" => (a, _, _) => 1 / Math.Sqrt(a),
        "neg" => (a, _, _) => -a,
        "abs" => (a, _, _) => Math.Abs(a),
        "min" => (a, b, _) => Least(a, b),
        "max" => (a, b, _) => -Least(-a, -b),
        "copysign" => (a, b, _) => Math.CopySign(b, a),
        _ => null,
    };

    /// <summary>The function of an opcode in f16 or bf16, computed so that it is rounded once; null where there is none.</summary>
    public static Func<float, float, float, double>? Half(string opcode) => opcode switch
    {
        "add" => (a, b, _) => Rounding.AddToOdd(a, b),
        "sub" => (a, b, _) => Rounding.AddToOdd(a, -b),
        "mul" => (a, b, _) => (double)a * b,
        "fma" => (a, b, c) => Rounding.AddToOdd((double)a * b, c),
        "neg" => (a, _, _) => -a,
        "abs" => (a, _, _) => MathF.Abs(a),
        "min" => (a, b, _) => Least(a, b),
        "max" => (a, b, _) => -Least(-a, -b),
        "ex2" => (a, _, _) => Math.Pow(2, a),
        "tanh" => (a, _, _) => Math.Tanh(a),
        _ => null,
    };

    /// <summary>The number of operands of an opcode.</summary>
    public static int Operands(string opcode) => opcode switch
    {
        "fma" or "mad" => 3,
        "add" or "sub" or "mul" or "div" or "min" or "max" or "copysign" => 2,
        _ => 1,
    };

    /// <summary>The smaller number; of a number and NaN the number; −0 is less than +0.</summary>
    private static float Least(float a, float b) =>
        float.IsNaN(a) ? (float.IsNaN(b) ? CanonicalNaN : b) : float.IsNaN(b) ? a : MathF.Min(a, b);

    /// <inheritdoc cref="Least(float, float)"/>
    private static double Least(double a, double b) => double.IsNaN(a) ? b : double.IsNaN(b) ? a : Math.Min(a, b);

    private static double Sum(double a, double b, RoundingMode mode)
    {
        double sum = a + b;
        double virtualB = sum - a;
        return Rounding.Directed(sum, (a - (sum - virtualB)) + (b - virtualB), mode);
    }
}
