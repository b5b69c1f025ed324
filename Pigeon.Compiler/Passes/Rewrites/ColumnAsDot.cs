namespace Pigeon.Compiler;

/// <summary>
/// A product with one column is a dot product, <c>x · w_t → Σ_k x_k · w_tk</c>: a traversal can compute it where it is needed, or a product
/// of x itself right after x, so that neither a kernel nor a table is spent on it. Pays where x is at hand.
/// <code>
///                                            %4 = reshape %1 : EdgeTypes[64]
/// %3 = linear etype %2, %1                   %5 = gather etype %4
///                                    ⇒       %6 = pointwise {$0 * $1} %2, %5
///                                            %7 = row.sum [0] %6
/// </code>
/// </summary>
internal static class ColumnAsDot
{
    public static Rewrite Rule { get; } = new("column as dot", RewriteFamilies.Reorder, site =>
        site.Op is Operator.TypedLinear { Transposed: false } linear && site.TypeOf(linear.X).Row is { Rank: 1, Width: > 1 } row &&
        site.TypeOf(linear.W).Row is { Rank: 2 } slice && slice[1] == 1
            ? (site[linear.X] * site[linear.W].Reshape(row[0]).At(linear.Type)).RowReduce(ReduceKind.Sum, 0)
            : null);
}
