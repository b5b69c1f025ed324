namespace Pigeon.Compiler;

/// <summary>
/// Which values an exponential is computed from. An error of such a value is a factor of what comes of it, e to its power: for logits of 30
/// a relative error of 1e-3 is one of 3 %. So their products are not rounded as others may be.
/// </summary>
internal static class ExponentInputs
{
    /// <summary>For each value of a program, whether an exponential depends on it.</summary>
    public static bool[] Of(Program program)
    {
        bool[] feeds = new bool[program.Values.Length];
        for (int i = feeds.Length - 1; i >= 0; i--)
        {
            Operator op = program.Values[i];
            for (int operand = 0; operand < op.Operands.Count; operand++)
            {
                feeds[op.Operands[operand]] |= feeds[i] || (op is Operator.Pointwise pointwise && IsUnderExponential(pointwise.Expression, operand, under: false));
            }
        }

        return feeds;
    }

    private static bool IsUnderExponential(Expr expression, int argument, bool under) => expression is Expr.Arg arg
        ? under && arg.Position == argument
        : expression.Children.Any(child => IsUnderExponential(child, argument, under || expression is Expr.Unary { Function: UnaryFunction.Exp }));
}
