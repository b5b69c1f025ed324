using Pigeon.Kernels;

namespace Pigeon.Compiler;

/// <summary>
/// A sum that softmax weighs is divided once for each target and not once for each edge, <c>Σ (n / Σn)·x → (Σ n·x) / Σn</c> with n an
/// exponential. Numerators, normaliser and weighted sum are then one loop over the edges. A target without edges gets 0, as before.
/// <code>
/// %3 = reduce.sum dst %2                     %3 = reduce.sum dst %2
/// %4 = gather dst %3                         %4 = pointwise {$0 * $1} %1, %2
/// %5 = pointwise {$0 / $1} %2, %4            %5 = reduce.sum dst %4
/// %6 = pointwise {$0 * $1} %1, %5    ⇒       %6 = pointwise {select(less(0, $0), 1 / $0, 0)} %3
/// %7 = reduce.sum dst %6                     %7 = pointwise {$0 * $1} %5, %6
/// </code>
/// </summary>
internal static class NormaliseLast
{
    /// <summary>One over a sum of exponentials; 0 where there are none.</summary>
    public static Expr Reciprocal { get; } = new Expr.Select(
        new Expr.Binary(BinaryFunction.Less, new Expr.Const(0), new Expr.Arg(0)),
        new Expr.Binary(BinaryFunction.Div, new Expr.Const(1), new Expr.Arg(0)),
        new Expr.Const(0));

    public static Rewrite Rule { get; } = new("normalise last", RewriteFamilies.Aggregate, site =>
        site.EitherOperandOfSum(BinaryFunction.Mul, (reduce, weight, other) =>
        {
            if (Normalised(site, weight, reduce.Map) is not { } n)
            {
                return null;
            }

            int[] row = [.. site.TypeOf(weight).Row.Extents];
            Value summed = (site[other] * site[n.Numerator].Reshape(row)).Sum(reduce.Map);
            return summed * site[n.Sum].Map(Reciprocal).Reshape(row);
        }));

    /// <summary>Whether a value is the weights of a softmax along a map, or these reshaped: the numerators and their sum.</summary>
    public static (int Numerator, int Sum)? Normalised(RewriteSite site, int value, Map map)
    {
        int quotient = site.OperatorOf(value) is Operator.Reshape reshape ? reshape.X : value;
        return site.OperatorOf(quotient) is Operator.Pointwise
        {
            Arguments: { Count: 2 } operands,
            Expression: Expr.Binary { Function: BinaryFunction.Div, X: Expr.Arg { Position: 0 }, Y: Expr.Arg { Position: 1 } },
        } && site.OperatorOf(operands[1]) is Operator.Gather gather && gather.Map == map && IsNormaliser(site, gather.X, operands[0], map)
            ? (operands[0], gather.X)
            : null;
    }

    /// <summary>Whether a value is the sum of given exponentials along a map.</summary>
    public static bool IsNormaliser(RewriteSite site, int value, int numerators, Map map) =>
        site.OperatorOf(value) is Operator.Reduce { Kind: ReduceKind.Sum } sum && sum.Map == map && sum.X == numerators &&
        site.OperatorOf(numerators) is Operator.Pointwise { Expression: Expr.Unary { Function: UnaryFunction.Exp } };
}
