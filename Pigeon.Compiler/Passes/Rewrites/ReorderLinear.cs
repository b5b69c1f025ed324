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
}
