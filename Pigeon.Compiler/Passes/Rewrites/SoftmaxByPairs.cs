using Pigeon.Kernels;

namespace Pigeon.Compiler;

/// <summary>
/// The numerators of a softmax relative to the maximum of each pair of type and target, and not of each target: the maxima, the numerators and their sums
/// of a pair are then computed in one place, type by type. What comes from a pair is multiplied by <c>exp(m_pair - m_target)</c>. Pays when there are
/// fewer pairs than edges, and rows of one type lie nearer to each other than those of all.
/// <list type="bullet">
/// <item><see cref="Rule"/>, for a sum of products that softmax weighs, at once. Nothing is stored for an edge. Products are aggregated first, but with
/// several heads, where a row would be summed for each: there the products themselves are summed, of which <see cref="Compact"/> makes those of
/// (type, source) pairs, and those of one type are near each other too.
/// <code>
///                                                     %3 = reduce.max pair(etype, dst) %0
/// %3 = reduce.max dst %0                              %4 = reduce.max second(etype, dst) %3
/// %4 = exp(%0 - gather dst %3)                        %5 = exp(%0 - gather pair(etype, dst) %3)
/// %5 = reduce.sum dst %4                              %6 = exp(%3 - gather second(etype, dst) %4)
/// %6 = linear etype %1, %2                     ⇒      %7 = reduce.sum second(etype, dst) (reduce.sum pair(etype, dst) %5) * %6
/// %7 = reduce.sum dst (%6 * (%4 / gather dst %5))     %8 = linear first(etype, dst) (reduce.sum pair(etype, dst) %1 * %5), %2
///                                                     %9 = (reduce.sum second(etype, dst) %8 * %6) / %7
/// </code>
/// </item>
/// <item><see cref="Numerators"/>, for the numerators as values, whoever reads them, the backward pass too. The type is that of the linears that the
/// logits come from.
/// <code>
/// %4 = exp(%0 - gather dst %3)        ⇒      %7 = %5 * gather pair(etype, dst) %6
/// </code>
/// </item>
/// <item><see cref="Sum"/>, for a sum of such numerators, or of what they weigh.
/// <code>
///                                            %8 = reduce.sum pair(etype, dst) %1 * %5
/// %8 = reduce.sum dst %1 * %7         ⇒      %9 = reduce.sum second(etype, dst) %8 * %6
/// </code>
/// </item>
/// <item><see cref="Factors"/>, for what else weighs such numerators, in the weights themselves and in the gradient of their logits: all that is of a
/// target is multiplied for each pair, so that an edge reads numbers of its pair alone, and pairs of a type are neighbours.
/// <code>
/// %8 = (%1 / gather dst %2 + gather dst %3) * %7         ⇒      %8 = %1 * (gather pair(etype, dst) %6 / gather second(etype, dst) %2)
///                                                                    + gather pair(etype, dst) %6 * gather second(etype, dst) %3
///                                                               %9 = %5 * %8
/// </code>
/// </item>
/// </list>
/// </summary>
internal static class SoftmaxByPairs
{
    /// <summary>The values that logits come from among which a type is looked for.</summary>
    private const int MostOperands = 32;

    /// <summary>A whole weighed sum.</summary>
    public static Rewrite Rule { get; } = new("softmax by pairs", RewriteFamilies.Aggregate, site =>
        site.EitherOperandOfSum(BinaryFunction.Mul, (reduce, weight, product) =>
        {
            if (Product.Of(site, product) is not { } p || !p.MayWeigh(site.TypeOf(weight).Row) || PairOf(p.Linear.Type, reduce.Map) is not { } pair ||
                NormaliseLast.Normalised(site, weight, reduce.Map) is not { } softmax || NumeratorsOf(site, softmax.Numerator) is not { } n)
            {
                return null;
            }

            int[] row = [.. site.TypeOf(weight).Row.Extents];
            (Value weights, Value scale) = Relative(site, n, pair);
            Value normaliser = (weights.Sum(pair) * scale).Sum(SecondOf(pair));
            return Weighed(site, product, weights, scale, row, pair) * normaliser.Map(NormaliseLast.Reciprocal).Reshape(row);
        }));

    /// <summary>The numerators themselves.</summary>
    public static Rewrite Numerators { get; } = new("numerators by pairs", RewriteFamilies.Aggregate, site =>
    {
        if (NumeratorsOf(site, site.Value) is not { } n || TypeOfLogits(site, n.Arguments[0], MapOf(site, n)) is not { } pair)
        {
            return null;
        }

        (Value weights, Value scale) = Relative(site, n, pair);
        return weights * scale.At(pair);
    });

    /// <summary>A sum of numerators by pairs.</summary>
    public static Rewrite Sum { get; } = new("sum of numerators by pairs", RewriteFamilies.Aggregate, site =>
    {
        if (site.Op is Operator.Reduce { Kind: ReduceKind.Sum } sum && ByPairs(site, sum.X, sum.Map) is { } plain)
        {
            return (plain.Weights.Sum(plain.Pair) * plain.Scale).Sum(SecondOf(plain.Pair));
        }

        return site.EitherOperandOfSum(BinaryFunction.Mul, (reduce, weight, other) => ByPairs(site, weight, reduce.Map) is { } n
            ? Weighed(site, other, n.Weights, n.Scale, [.. site.TypeOf(weight).Row.Extents], n.Pair)
            : null);
    });

    /// <summary>Factors of numerators by pairs.</summary>
    public static Rewrite Factors { get; } = new("factors by pairs", RewriteFamilies.Aggregate, site =>
    {
        if (site.Op is not Operator.Pointwise { Arguments: { Count: 2 } arguments, Expression: Expr.Binary { X: Expr.Arg x, Y: Expr.Arg y } binary })
        {
            return null;
        }

        (int left, int right) = (arguments[x.Position], arguments[y.Position]);
        return binary.Function switch
        {
            BinaryFunction.Div when site.OperatorOf(right) is Operator.Gather sum && ByPairs(site, left, sum.Map) is { } n && IsWhole(site, left) =>
                n.Weights * (n.Scale / site[sum.X].At(SecondOf(n.Pair))).At(n.Pair),
            BinaryFunction.Mul => Slope(site, left, right) ?? Slope(site, right, left),
            _ => null,
        };
    });

    /// <summary>Numerators times a sum, of a multiple of something and of something of the target.</summary>
    private static Value? Slope(RewriteSite site, int sum, int numerators)
    {
        if (site.OperatorOf(sum) is not Operator.Pointwise
            {
                Arguments: { Count: 2 } terms,
                Expression: Expr.Binary { Function: BinaryFunction.Add, X: Expr.Arg x, Y: Expr.Arg y },
            } || site.OperatorOf(terms[y.Position]) is not Operator.Gather addend || ByPairs(site, numerators, addend.Map) is not { } n ||
            !IsWhole(site, numerators) || site.OperatorOf(terms[x.Position]) is not Operator.Pointwise product)
        {
            return null;
        }

        (Expr ofTarget, Expr rest) = DotsLast.Parted(product.Expression,
            position => site.OperatorOf(product.Arguments[position]) is Operator.Gather gather && gather.Map == addend.Map);
        if (rest is not Expr.Arg argument)
        {
            return null;
        }

        Map second = SecondOf(n.Pair);
        Value factor = site.Builder.Pointwise(new Expr.Binary(BinaryFunction.Mul, new Expr.Arg(product.Arguments.Count), ofTarget),
            [.. product.Arguments.Select(read =>
                site.OperatorOf(read) is Operator.Gather gather && gather.Map == addend.Map ? site[gather.X].At(second) : n.Scale), n.Scale]);
        return n.Weights * ((site[product.Arguments[argument.Position]] * factor.At(n.Pair)) + (n.Scale * site[addend.X].At(second)).At(n.Pair));
    }

    private static bool IsWhole(RewriteSite site, int value) => site.OperatorOf(value) is Operator.Pointwise;

    /// <summary>A weighed sum through pairs.</summary>
    private static Value Weighed(RewriteSite site, int value, Value weights, Value scale, int[] row, Map.Pair pair)
    {
        Value rows = Product.Of(site, value) is { HasHeads: false } p && p.Linear.Type == pair.First && p.MayWeigh(Shape.Of(row))
            ? p.Multiply((p.Rows(site[p.Linear.X]) * weights.Reshape(row)).Sum(pair), new Map.Component((IndexSpace.Distinct)pair.To, 0))
            : (site[value] * weights.Reshape(row)).Sum(pair);
        return (rows * scale.Reshape(row)).Sum(SecondOf(pair));
    }

    /// <summary>Numerators relative to the maximum of their pair, and the pair's own relative to that of its target.</summary>
    private static (Value Weights, Value Scale) Relative(RewriteSite site, Operator.Pointwise numerators, Map.Pair pair)
    {
        Value logits = site[numerators.Arguments[0]];
        Map second = SecondOf(pair);

        // Logits of minus infinity weigh nothing, a pair of nothing else included.
        Value highest = logits.Reduce(pair, ReduceKind.Max).Binary(BinaryFunction.Max, float.MinValue);
        return (Shifted(logits, highest.At(pair)), Shifted(highest, highest.Reduce(second, ReduceKind.Max).At(second)));

        Value Shifted(Value x, Value max) => site.Builder.Add(new Operator.Pointwise(numerators.Expression, [x.Id, max.Id]));
    }

    /// <summary>Whether a value is numerators by pairs of a target, or these reshaped.</summary>
    private static (Value Weights, Value Scale, Map.Pair Pair)? ByPairs(RewriteSite site, int value, Map map) =>
        site.FactorsOf(site.OperatorOf(value) is Operator.Reshape reshape ? reshape.X : value) is { } factors &&
        site.OperatorOf(factors.Y) is Operator.Gather { Map: Map.Pair pair } scale && pair.Second == map &&
        IsExponential(site, factors.X) && IsExponential(site, scale.X)
            ? (site[factors.X], site[scale.X], pair)
            : null;

    private static bool IsExponential(RewriteSite site, int value) =>
        site.OperatorOf(value) is Operator.Pointwise { Expression: Expr.Unary { Function: UnaryFunction.Exp } };

    /// <summary>The exponentials of logits less their maximum along a map, where a value is that.</summary>
    private static Operator.Pointwise? NumeratorsOf(RewriteSite site, int value) =>
        site.OperatorOf(value) is Operator.Pointwise
        {
            Arguments: { Count: 2 } arguments,
            Expression: Expr.Unary { Function: UnaryFunction.Exp, X: Expr.Binary { Function: BinaryFunction.Sub, X: Expr.Arg { Position: 0 } } },
        } numerators && site.OperatorOf(arguments[1]) is Operator.Gather gather &&
        site.OperatorOf(gather.X) is Operator.Reduce { Kind: ReduceKind.Max } max && max.Map == gather.Map && max.X == arguments[0]
            ? numerators
            : null;

    private static Map MapOf(RewriteSite site, Operator.Pointwise numerators) => ((Operator.Gather)site.OperatorOf(numerators.Arguments[1])).Map;

    /// <summary>The pair of a target and the type of a linear that logits come from; the first that is found, nearest first.</summary>
    private static Map.Pair? TypeOfLogits(RewriteSite site, int logits, Map map)
    {
        List<int> found = [logits];
        for (int i = 0; i < found.Count && found.Count <= MostOperands; i++)
        {
            Operator op = site.OperatorOf(found[i]);
            Map? type = op switch
            {
                Operator.TypedLinear { Type: not Map.Unit } linear => linear.Type,
                Operator.Gather { Map: Map.Pair between } => between.First,
                _ => null,
            };
            if (type is not null && type.From == map.From && PairOf(type, map) is { } pair)
            {
                return pair;
            }

            found.AddRange(op.Operands.Where(operand => site.TypeOf(operand).Space == map.From && !found.Contains(operand)));
        }

        return null;
    }

    /// <summary>Type and target, where the type does not follow from the target, and the pairs are not the rows themselves.</summary>
    private static Map.Pair? PairOf(Map type, Map target) =>
        Map.Factor(type, target) is null && new Map.Pair(type, target) is var pair && !DistinctPairs.AreRows(pair) ? pair : null;

    private static Map.Component SecondOf(Map.Pair pair) => new((IndexSpace.Distinct)pair.To, 1);
}
