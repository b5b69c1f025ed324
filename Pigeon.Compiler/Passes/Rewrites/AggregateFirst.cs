using Pigeon.Kernels;

namespace Pigeon.Compiler;

/// <summary>
/// Aggregate first: a sum or mean of products with one slice is the product of the sum, <c>Σ c·(x · W_t) → (Σ c·x) · W_t</c>, for every
/// (type, target) pair. A factor <c>c</c> commutes when it is the same along the axis that W contracts. Pays when there are fewer pairs
/// than rows.
/// <code>
///                                            %3 = reduce.sum pair(etype, dst) %0
/// %3 = linear etype %0, %1                   %4 = linear first(etype, dst) %3, %1
/// %4 = reduce.sum dst %3             ⇒       %5 = reduce.sum second(etype, dst) %4
/// </code>
/// </summary>
internal static class AggregateFirst
{
    /// <summary>The type follows from the target: one slice for each result.</summary>
    public static Rewrite SameTarget { get; } = new("aggregate-first", RewriteFamilies.Aggregate, site =>
        Match(site) is { } m && Map.Factor(m.Linear.Type, m.Reduce.Map) is { } type
            ? m.Scaled.Reduce(m.Reduce.Map, m.Reduce.Kind).Linear(site[m.Linear.W], type)
            : null);

    /// <summary>The same for one term of a sum: <c>Σ (y + c·(x · W_t)) → Σ y + (Σ c·x) · W_t</c>.</summary>
    public static Rewrite OfTerm { get; } = new("aggregate-first of a term", RewriteFamilies.Aggregate, site =>
        site.EitherOperandOfSum(BinaryFunction.Add, (reduce, term, other) =>
            site.TypeOf(term).Row == site.TypeOf(other).Row && Match(site, reduce, term) is { } m && Map.Factor(m.Linear.Type, reduce.Map) is { } type
                ? site[other].Sum(reduce.Map) + m.Scaled.Sum(reduce.Map).Linear(site[m.Linear.W], type)
                : null));

    /// <summary>It does not: sum for each (type, target) pair, multiply, and sum the pairs of a target.</summary>
    public static Rewrite ThroughPairs { get; } = new("aggregate-first through pairs", RewriteFamilies.Aggregate, site =>
        Match(site) is { Reduce.Kind: ReduceKind.Sum } m && Map.Factor(m.Linear.Type, m.Reduce.Map) is null &&
        !DistinctPairs.AreRows(new(m.Linear.Type, m.Reduce.Map))
            ? Through(site, m)
            : null);

    /// <summary>
    /// The same for a weight gradient, <c>Σ x[g(i)]ᵀ · y[i] → Σ x[j]ᵀ · (Σ_{g(i) = j} y[i])</c>: rows that share the gathered operand are
    /// summed before they are multiplied, for each (type, row) pair.
    /// </summary>
    public static Rewrite WeightGradient { get; } = new("aggregate-first in weight gradients", RewriteFamilies.Aggregate, site =>
    {
        if (site.Op is not Operator.OuterSum outer)
        {
            return null;
        }

        bool left = site.OperatorOf(outer.X) is Operator.Gather;
        if ((left ? site.OperatorOf(outer.X) : site.OperatorOf(outer.Y)) is not Operator.Gather gather)
        {
            return null;
        }

        Map? factor = Map.Factor(outer.Type, gather.Map);
        if (factor is null && DistinctPairs.AreRows(new(outer.Type, gather.Map)))
        {
            return null;
        }

        (Value rows, Value summed, Map type) = factor is not null
            ? (site[gather.X], site[left ? outer.Y : outer.X].Sum(gather.Map), factor)
            : OnPairs(site[gather.X], site[left ? outer.Y : outer.X], new(outer.Type, gather.Map));
        return site.Builder.Add(outer with { X = (left ? rows : summed).Id, Y = (left ? summed : rows).Id, Type = type });
    });

    /// <summary>
    /// The same where the right operand is gathered, perhaps times a factor for each row, <c>Σ x[i]ᵀ · c[i] y[g(i)] → Σ (Σ_{g(i) = j} c[i] x[i])ᵀ · y[j]</c>:
    /// the sums are those that the product itself is taken of, if it is aggregated first. Where the product was of means, y has been divided by
    /// the number of its rows; means are summed then, and y is taken as it was.
    /// </summary>
    public static Rewrite WeightGradientOfSums { get; } = new("aggregate-first of the left in weight gradients", RewriteFamilies.Aggregate, site =>
    {
        if (site.Op is not Operator.OuterSum { Blocks: false } outer || site.TypeOf(outer.X).Row.Rank != 1)
        {
            return null;
        }

        (int right, Value left) = (outer.Y, site[outer.X]);
        if (site.FactorsOf(right) is { } scaled)
        {
            (right, int weight) = site.OperatorOf(scaled.X) is Operator.Gather ? scaled : (scaled.Y, scaled.X);
            if (site.TypeOf(right).Row.Rank != 1 || site.TypeOf(weight).Row.Width != 1 || site.TypeOf(weight).Row.Rank > 1)
            {
                return null;
            }

            left *= site[weight];
        }

        if (site.OperatorOf(right) is not Operator.Gather gather)
        {
            return null;
        }

        if (Map.Factor(outer.Type, gather.Map) is not { } type)
        {
            var pair = new Map.Pair(outer.Type, gather.Map);
            if (DistinctPairs.AreRows(pair))
            {
                return null;
            }

            (Value ofPairs, Value summed, type) = OnPairs(site[gather.X], left, pair);
            return site.Builder.Add(outer with { X = summed.Id, Y = ofPairs.Id, Type = type });
        }

        (Value rows, Value sums) = site.FactorsOf(gather.X) is { } divided && IsInverseCount(site, divided.Y, gather.Map)
            ? (site[divided.X], left.Reduce(gather.Map, ReduceKind.Mean))
            : (site[gather.X], left.Sum(gather.Map));
        return site.Builder.Add(outer with { X = sums.Id, Y = rows.Id, Type = type });
    });

    /// <summary>Whether a value is one over the number of rows that a map leads to each row, as the gradient of a mean has it.</summary>
    private static bool IsInverseCount(RewriteSite site, int value, Map map) =>
        value == (1 / Nn.Count(site.Builder, map).Binary(BinaryFunction.Max, 1)).Id;

    private static (Value Rows, Value Summed, Map Type) OnPairs(Value gathered, Value other, Map.Pair pair)
    {
        var pairs = (IndexSpace.Distinct)pair.To;
        return (gathered.At(new Map.Component(pairs, 1)), other.Sum(pair), new Map.Component(pairs, 0));
    }

    private static Value Through(RewriteSite site, Found m)
    {
        var pair = new Map.Pair(m.Linear.Type, m.Reduce.Map);
        var pairs = (IndexSpace.Distinct)pair.To;
        return m.Scaled.Sum(pair).Linear(site[m.Linear.W], new Map.Component(pairs, 0)).Sum(new Map.Component(pairs, 1));
    }

    private static Found? Match(RewriteSite site) =>
        site.Op is Operator.Reduce { Kind: ReduceKind.Sum or ReduceKind.Mean } reduce ? Match(site, reduce, reduce.X) : null;

    private static Found? Match(RewriteSite site, Operator.Reduce reduce, int value)
    {
        if (site.OperatorOf(value) is Operator.TypedLinear { Transposed: false } plain)
        {
            return new(reduce, plain, site[plain.X]);
        }

        if (site.OperatorOf(value) is Operator.Pointwise
            {
                Arguments.Count: 2,
                Expression: Expr.Binary { Function: BinaryFunction.Mul, X: Expr.Arg a, Y: Expr.Arg b },
            } product && a != b)
        {
            for (int side = 0; side < 2; side++)
            {
                (int linear, int factor) = (product.Arguments[side], product.Arguments[1 - side]);
                Shape row = site.TypeOf(factor).Row;
                if (site.OperatorOf(linear) is Operator.TypedLinear { Transposed: false } op && row.Rank >= 1 && row[^1] == 1 &&
                    row.Rank <= site.TypeOf(op.X).Row.Rank)
                {
                    return new(reduce, op, site[op.X] * site[factor]);
                }
            }
        }

        return null;
    }

    private sealed record Found(Operator.Reduce Reduce, Operator.TypedLinear Linear, Value Scaled);
}
