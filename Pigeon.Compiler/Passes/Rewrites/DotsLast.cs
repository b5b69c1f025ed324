using Pigeon.Kernels;

namespace Pigeon.Compiler;

/// <summary>
/// A sum, weighed by softmax, of dot products with a target's row is one dot product with the weighed sum, <c>Σ α·(y[v] · z) = y[v] · Σ α·z</c>, and the
/// weighed sum is there, from the forward pass: so the gradient of a softmax needs no loop over the edges for the sum that it subtracts.
/// Other factors of the sum, all of the target, are multiplied once for each target. A target without edges gets 0, as before.
/// <code>
/// %4 = reduce.sum dst %3
/// %5 = pointwise {$0 / $1} %3, gather dst %4            %4 = reduce.sum dst %3
/// %6 = row.sum 0 (gather dst %1) * %2                   %5 = pointwise {$0 / $1} %3, gather dst %4
/// %7 = pointwise {$2 * (0 - $0 / $1 / $1)}       ⇒      %6 = row.sum 0 %1 * (reduce.sum dst %2 * %5)
///        %3, gather dst %4, %6                          %7 = pointwise {$1 * select(less(0, $0), (0 - 1 / $0 / $0) * $0, 0)} %4, %6
/// %8 = reduce.sum dst %7
/// </code>
/// </summary>
internal static class DotsLast
{
    public static Rewrite Rule { get; } = new("dots last", RewriteFamilies.Aggregate, site =>
    {
        if (site.Op is not Operator.Reduce { Kind: ReduceKind.Sum } reduce || site.OperatorOf(reduce.X) is not Operator.Pointwise terms)
        {
            return null;
        }

        (Expr ofTarget, Expr rest) = Parted(terms.Expression, position => RowOf(site, terms.Arguments[position], reduce.Map) is not null);
        return rest is Expr.Binary { Function: BinaryFunction.Mul, X: Expr.Arg x, Y: Expr.Arg y }
            ? Last(site, reduce, terms, ofTarget, terms.Arguments[x.Position], terms.Arguments[y.Position]) ??
                Last(site, reduce, terms, ofTarget, terms.Arguments[y.Position], terms.Arguments[x.Position])
            : null;
    });

    private static Value? Last(RewriteSite site, Operator.Reduce reduce, Operator.Pointwise terms, Expr ofTarget, int numerators, int dots)
    {
        int?[] rows = [.. terms.Arguments.Select(argument => RowOf(site, argument, reduce.Map))];
        int position = Array.FindIndex(rows, row => row is { } sum && NormaliseLast.IsNormaliser(site, sum, numerators, reduce.Map));
        int dot = site.OperatorOf(dots) is Operator.Reshape reshape ? reshape.X : dots;
        if (position < 0 || site.OperatorOf(dot) is not Operator.RowReduce { Kind: ReduceKind.Sum } sum || site.FactorsOf(sum.X) is not { } factors)
        {
            return null;
        }

        (int gathered, int other) = RowOf(site, factors.X, reduce.Map) is null ? (factors.Y, factors.X) : factors;
        if (RowOf(site, gathered, reduce.Map) is not { } row || site.TypeOf(other).Row != site.TypeOf(sum.X).Row ||
            site.TypeOf(numerators).Row.Width != site.TypeOf(dot).Row.Width)
        {
            return null;
        }

        Value weights = site[numerators] / site[terms.Arguments[position]];
        Value summed = (site[other] * weights.Reshape([.. site.TypeOf(dot).Row.Extents])).Sum(reduce.Map);
        Value ofSum = (site[row] * summed).RowReduce(ReduceKind.Sum, [.. sum.Axes]).Reshape([.. site.TypeOf(reduce.X).Row.Extents]);
        var normaliser = new Expr.Arg(position);
        Expr scale = new Expr.Select(new Expr.Binary(BinaryFunction.Less, new Expr.Const(0), normaliser),
            new Expr.Binary(BinaryFunction.Mul, ofTarget, normaliser), new Expr.Const(0));
        return site.Builder.Pointwise(new Expr.Binary(BinaryFunction.Mul, new Expr.Arg(rows.Length), scale),
            [.. rows.Select(value => value is { } read ? site[read] : ofSum), ofSum]);
    }

    /// <summary>The row of the target that a value gathers; null where it does not.</summary>
    private static int? RowOf(RewriteSite site, int value, Map map) => site.OperatorOf(value) is Operator.Gather gather && gather.Map == map ? gather.X : null;

    /// <summary>An expression as a product: of what is the same for a whole target, and of the rest.</summary>
    internal static (Expr OfTarget, Expr OfRow) Parted(Expr expression, Func<int, bool> isOfTarget)
    {
        var one = new Expr.Const(1);
        switch (expression)
        {
            case Expr.Const:
                return (expression, one);
            case Expr.Arg argument:
                return isOfTarget(argument.Position) ? (expression, one) : (one, expression);
            case Expr.Binary { Function: BinaryFunction.Mul or BinaryFunction.Div } b:
                (Expr x, Expr ofX) = Parted(b.X, isOfTarget);
                (Expr y, Expr ofY) = Parted(b.Y, isOfTarget);
                return (Joined(b, x, y), Joined(b, ofX, ofY));
            case Expr.Binary { Function: BinaryFunction.Sub, X: Expr.Const { Value: 0 } } negative:
                (Expr subtracted, Expr rest) = Parted(negative.Y, isOfTarget);
                return (negative with { Y = subtracted }, rest);
            default:
                return (one, expression);
        }

        static Expr Joined(Expr.Binary b, Expr x, Expr y) => (x, y) switch
        {
            (_, Expr.Const { Value: 1 }) => x,
            (Expr.Const { Value: 1 }, _) when b.Function == BinaryFunction.Mul => y,
            _ => b with { X = x, Y = y },
        };
    }
}
