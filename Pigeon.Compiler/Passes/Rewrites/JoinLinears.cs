namespace Pigeon.Compiler;

/// <summary>
/// A sum of linears of one type is one linear of the joined rows, <c>x · V_t + y · W_t → [x, y] · [V_t; W_t]</c>. Pays where products are
/// small beside what writing and adding their results takes, as for many relations of few columns.
/// <code>
/// %4 = linear etype %0, %2                   %4 = concat 0 %0, %1
/// %5 = linear etype %1, %3                   %5 = concat 0 %2, %3
/// %6 = pointwise {$0 + $1} %4, %5     ⇒      %6 = linear etype %4, %5
/// </code>
/// </summary>
internal static class JoinLinears
{
    public static Rewrite Rule { get; } = new("join linears", RewriteFamilies.Join, site =>
        site.Op is Operator.Pointwise
        {
            Arguments.Count: 2,
            Expression: Expr.Binary { Function: BinaryFunction.Add, X: Expr.Arg, Y: Expr.Arg } sum,
        } pointwise && sum.X != sum.Y &&
        Linear(site, pointwise.Arguments[0]) is { } first && Linear(site, pointwise.Arguments[1]) is { } second && first.Type == second.Type &&
        SameBefore(site.TypeOf(first.X).Row, site.TypeOf(second.X).Row)
            ? site.Builder.Concat(site.TypeOf(first.X).Row.Rank - 1, site[first.X], site[second.X])
                .Linear(site.Builder.Concat(0, site[first.W], site[second.W]), first.Type)
            : null);

    private static Operator.TypedLinear? Linear(RewriteSite site, int value) =>
        site.OperatorOf(value) is Operator.TypedLinear { Transposed: false } linear && site.TypeOf(linear.W).Row.Rank == 2 ? linear : null;

    private static bool SameBefore(Shape x, Shape y) => x.Rank == y.Rank && x.Extents.Items[..^1].SequenceEqual(y.Extents.Items[..^1]);
}
