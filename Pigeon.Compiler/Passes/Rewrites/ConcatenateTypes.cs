using Pigeon.Kernels;

namespace Pigeon.Compiler;

/// <summary>
/// Types become columns: a sum of products, each with the slice of its type, is one product of the inputs of all types side by side with the
/// slices one below the other, <c>Σ_e x[e] · W_t(e) → [Σ_{t(e)=0} x[e], Σ_{t(e)=1} x[e], …] · [W_0; W_1; …]</c>. Needs a fixed number of
/// types, <see cref="IndexSpace.Range"/>. Pays when nearly every target has an edge of every type, as places in a window have: then
/// nothing is stored but the inputs in another order (what is called im2col), and one dense product replaces a product for every edge and a
/// sum.
/// <code>
///                                                %2 = reduce.sum index(later, offset) %0 : product(Cells, range(6))[5]
///                                                %3 = regroup %2 : Cells[30]
/// %2 = linear offset %0, %1 : Pasts[2]           %4 = regroup %1 : one[30, 2]
/// %3 = reduce.sum later %2 : Cells[2]      ⇒     %5 = linear unit(Cells) %3, %4 : Cells[2]
/// </code>
/// </summary>
internal static class ConcatenateTypes
{
    /// <summary>The rule for sums.</summary>
    public static Rewrite Sum { get; } = new("types side by side", RewriteFamilies.Join, site =>
        site.Op is Operator.Reduce { Kind: ReduceKind.Sum } reduce && site.OperatorOf(reduce.X) is Operator.TypedLinear { Transposed: false } linear &&
        linear.Type.To is IndexSpace.Range { Count: var types } && site.TypeOf(linear.W).Row is { Rank: 2 } w && site.TypeOf(linear.X).Row.Rank == 1
            ? SideBySide(site[linear.X], linear.Type, reduce.Map, types).Linear(site[linear.W].Regroup(IndexSpace.One, types * w[0], w[1]))
            : null);

    /// <summary>
    /// The same for the gradient of these slices: where dy is gathered from the targets, <c>Σ x[e]ᵀ · dy[to(e)]</c> by types is one outer
    /// product of the inputs side by side with dy.
    /// </summary>
    public static Rewrite WeightGradient { get; } = new("types side by side in weight gradients", RewriteFamilies.Join, site =>
        site.Op is Operator.OuterSum { Blocks: false } outer && outer.Type.To is IndexSpace.Range { Count: var types } &&
        site.OperatorOf(outer.Y) is Operator.Gather gather && gather.Map.To is not IndexSpace.OneSpace &&
        site.TypeOf(outer.X).Row.Rank == 1 && site.TypeOf(outer.Y).Row.Rank == 1
            ? Gradient(site, SideBySide(site[outer.X], outer.Type, gather.Map, types), site[gather.X], outer.Type.To)
            : null);

    /// <summary>For every target the inputs of its edges, those of each type in the type's place: <c>to[types · k]</c>.</summary>
    private static Value SideBySide(Value x, Map type, Map to, int types) =>
        x.Sum(new Map.Index(to, type)).Regroup(to.To, types * x.Type.Row[0]);

    private static Value Gradient(RewriteSite site, Value x, Value dy, IndexSpace types) =>
        site.Builder.Add(new Operator.OuterSum(x.Id, dy.Id, new Map.Unit(dy.Type.Space)))
            .Regroup(types, site.TypeOf(site.Value).Row[0], dy.Type.Row[0]);
}
