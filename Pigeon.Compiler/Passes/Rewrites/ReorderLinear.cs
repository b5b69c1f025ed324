using Pigeon.Kernels;

namespace Pigeon.Compiler;

/// <summary>
/// Linear operator reordering: <c>(x · W_t) · Q → x · (W_t · Q)</c>, where the type of Q follows from t. The product of the weights is
/// a derived weight, computed once. Pays when there are more rows than types and <c>x · W</c> is not needed itself.
/// <code>
/// %3 = linear etype %0, %1                   %3 = linear unit(EdgeTypes) %1, %2
/// %4 = linear unit(Edges) %3, %2     ⇒       %4 = linear etype %0, %3
/// </code>
/// </summary>
internal static class ReorderLinear
{
    public static Rewrite Rule { get; } = new("reorder", RewriteFamilies.Reorder, site =>
        site.Op is Operator.TypedLinear { Transposed: false } outer &&
        site.OperatorOf(outer.X) is Operator.TypedLinear { Transposed: false } inner &&
        site.TypeOf(inner.W).Row.Rank == 2 && site.TypeOf(outer.W).Row.Rank == 2 &&
        Map.Factor(outer.Type, inner.Type) is { } type
            ? site[inner.X].Linear(site[inner.W].Linear(site[outer.W], type), inner.Type)
            : null);

    /// <summary>
    /// The same in weight gradients: <c>Σ (x · W_t)ᵀ · y → Σ_t W_tᵀ · (Σ xᵀ · y)_t</c>, where the gradient's type follows from t. The sum
    /// over rows takes x itself, so that <c>x · W</c> may be needed no more.
    /// </summary>
    public static Rewrite LeftOfGradient { get; } = new("reorder left of gradient", RewriteFamilies.Reorder, site =>
        site.Op is Operator.OuterSum { Blocks: false } outer && site.TypeOf(outer.Y).Row.Rank == 1 &&
        site.OperatorOf(outer.X) is Operator.TypedLinear { Transposed: false } inner &&
        site.TypeOf(inner.X).Row.Rank == 1 && site.TypeOf(inner.W).Row.Rank == 2 &&
        Map.Factor(outer.Type, inner.Type) is { } type
            ? site.Builder.Add(new Operator.OuterSum(inner.W, site.Builder.Add(outer with { X = inner.X, Type = inner.Type }).Id, type))
            : null);

    /// <summary>
    /// And on the other side: <c>Σ xᵀ · (y · Q_t) → (Σ xᵀ · y) · Q_t</c>, where the type of Q follows from the gradient's.
    /// </summary>
    public static Rewrite RightOfGradient { get; } = new("reorder right of gradient", RewriteFamilies.Reorder, site =>
        site.Op is Operator.OuterSum { Blocks: false } outer && site.TypeOf(outer.X).Row.Rank == 1 &&
        site.OperatorOf(outer.Y) is Operator.TypedLinear { Transposed: false } inner &&
        site.TypeOf(inner.X).Row.Rank == 1 && site.TypeOf(inner.W).Row.Rank == 2 &&
        Map.Factor(inner.Type, outer.Type) is { } type
            ? site.Builder.Add(outer with { Y = inner.X }).Linear(site[inner.W], type)
            : null);

    /// <summary>
    /// And for one term there: <c>Σ xᵀ · (z + y · Q_t) → Σ xᵀ · z + (Σ xᵀ · y) · Q_t</c>. The sum of both terms then is never written.
    /// </summary>
    public static Rewrite TermOfGradient { get; } = new("reorder a term of gradient", RewriteFamilies.Reorder, site =>
    {
        if (site.Op is not Operator.OuterSum { Blocks: false } outer || site.TypeOf(outer.X).Row.Rank != 1 ||
            site.OperatorOf(outer.Y) is not Operator.Pointwise
            {
                Arguments.Count: 2,
                Expression: Expr.Binary { Function: BinaryFunction.Add, X: Expr.Arg, Y: Expr.Arg } add,
            } sum || add.X == add.Y)
        {
            return null;
        }

        for (int side = 0; side < 2; side++)
        {
            (int term, int other) = (sum.Arguments[side], sum.Arguments[1 - side]);
            if (site.OperatorOf(term) is Operator.TypedLinear { Transposed: false } inner && site.TypeOf(other).Row == site.TypeOf(term).Row &&
                site.TypeOf(inner.X).Row.Rank == 1 && site.TypeOf(inner.W).Row.Rank == 2 &&
                Map.Factor(inner.Type, outer.Type) is { } type)
            {
                return site.Builder.Add(outer with { Y = other }) + site.Builder.Add(outer with { Y = inner.X }).Linear(site[inner.W], type);
            }
        }

        return null;
    });
}
