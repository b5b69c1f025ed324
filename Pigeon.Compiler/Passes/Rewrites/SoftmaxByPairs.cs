using Pigeon.Kernels;

namespace Pigeon.Compiler;

/// <summary>
/// A sum of products that softmax weighs, aggregated first on the pairs of type and target, with the weights relative to the maximum of each
/// pair: the maxima, the numerators and both sums of a pair are then computed in one place, type by type, and nothing is stored for an edge.
/// What comes from a pair is multiplied by <c>exp(m_pair - m_target)</c>. Pays when there are fewer pairs than edges, and rows of one type lie
/// nearer to each other than those of all. With several heads a row would be summed for each: slower where it was measured, and not done.
/// <code>
///                                                     %3 = reduce.max pair(etype, dst) %0
/// %3 = reduce.max dst %0                              %4 = reduce.max second(etype, dst) %3
/// %4 = exp(%0 - gather dst %3)                        %5 = exp(%0 - gather pair(etype, dst) %3)
/// %5 = reduce.sum dst %4                              %6 = exp(%3 - gather second(etype, dst) %4)
/// %6 = linear etype %1, %2                     ⇒      %7 = reduce.sum second(etype, dst) (reduce.sum pair(etype, dst) %5) * %6
/// %7 = reduce.sum dst (%6 * (%4 / gather dst %5))     %8 = linear first(etype, dst) (reduce.sum pair(etype, dst) %1 * %5), %2
///                                                     %9 = (reduce.sum second(etype, dst) %8 * %6) / %7
/// </code>
/// </summary>
internal static class SoftmaxByPairs
{
    public static Rewrite Rule { get; } = new("softmax by pairs", RewriteFamilies.Aggregate, site =>
        site.EitherOperandOfSum(BinaryFunction.Mul, (reduce, weight, product) =>
        {
            if (Product.Of(site, product) is not { } p || !p.MayWeigh(site.TypeOf(weight).Row) ||
                p.HasHeads || Map.Factor(p.Linear.Type, reduce.Map) is not null || Numerators(site, weight, reduce.Map) is not { } n)
            {
                return null;
            }

            var pair = new Map.Pair(p.Linear.Type, reduce.Map);
            if (DistinctPairs.AreRows(pair))
            {
                return null;
            }

            var pairs = (IndexSpace.Distinct)pair.To;
            (Map first, Map second) = (new Map.Component(pairs, 0), new Map.Component(pairs, 1));
            int[] row = [.. site.TypeOf(weight).Row.Extents];
            Value logits = site[n.Arguments[0]];

            // Logits of minus infinity weigh nothing, a pair of nothing else included.
            Value highest = logits.Reduce(pair, ReduceKind.Max).Binary(BinaryFunction.Max, float.MinValue);
            Value scale = Shifted(highest, highest.Reduce(second, ReduceKind.Max).At(second));
            Value weights = Shifted(logits, highest.At(pair));
            Value normaliser = (weights.Sum(pair) * scale).Sum(second);
            Value products = p.Multiply((p.Rows(site[p.Linear.X]) * weights.Reshape(row)).Sum(pair), first);
            return (products * scale.Reshape(row)).Sum(second) * normaliser.Map(NormaliseLast.Reciprocal).Reshape(row);

            Value Shifted(Value x, Value max) => site.Builder.Add(new Operator.Pointwise(n.Expression, [x.Id, max.Id]));
        }));

    /// <summary>The exponentials of logits less their maximum along a map, where a value is their softmax.</summary>
    private static Operator.Pointwise? Numerators(RewriteSite site, int value, Map map) =>
        NormaliseLast.Normalised(site, value, map) is { } softmax &&
        site.OperatorOf(softmax.Numerator) is Operator.Pointwise
        {
            Arguments: { Count: 2 } arguments,
            Expression: Expr.Unary { Function: UnaryFunction.Exp, X: Expr.Binary { Function: BinaryFunction.Sub, X: Expr.Arg { Position: 0 } } },
        } numerators && site.OperatorOf(arguments[1]) is Operator.Gather gather && gather.Map == map &&
        site.OperatorOf(gather.X) is Operator.Reduce { Kind: ReduceKind.Max } max && max.Map == map && max.X == arguments[0]
            ? numerators
            : null;
}
