using Pigeon.Kernels;

namespace Pigeon.Compiler;

/// <summary>
/// Compaction by either side, chosen for each type: products are computed for <see cref="IndexSpace.Either"/> pairs, which are of type and
/// first row for some types and of type and second row for the others, whichever are fewer. What goes into a product is summed over the ways
/// to its pair first, and the product goes to the ends of the ways from its pair: either one row is multiplied for many ends, or many rows are
/// summed for one end. Pays when there are fewer such pairs than pairs of one side.
/// <code>
///                                            %2 = gather via(firsts(etype, src, dst), src) %0
///                                            %3 = reduce.sum via(firsts(etype, src, dst), into(either(etype, src, dst))) %2
/// %2 = gather src %0                         %4 = linear via(either(etype, src, dst), etype) %3, %1
/// %3 = linear etype %2, %1                   %5 = gather via(seconds(etype, src, dst), into(either(etype, src, dst))) %4
/// %4 = reduce.sum dst %3             ⇒       %6 = reduce.sum via(seconds(etype, src, dst), dst) %5
/// </code>
/// </summary>
internal static class EitherSide
{
    /// <summary>A sum of products, each perhaps times a factor that follows from type and target; also a mean for each pair before the sum.</summary>
    public static Rewrite Sum { get; } = new("compact by either side", RewriteFamilies.Compact, site =>
    {
        if (site.Op is not Operator.Reduce { Kind: ReduceKind.Sum } sum)
        {
            return null;
        }

        (Map to, int summed, Map? mean) = (sum.Map, sum.X, null);
        if (site.OperatorOf(sum.X) is Operator.Reduce { Kind: ReduceKind.Sum or ReduceKind.Mean } inner && inner.Map.To == sum.Map.From)
        {
            (to, summed, mean) = (Map.Compose(sum.Map, inner.Map), inner.X, inner.Kind == ReduceKind.Mean ? inner.Map : null);
        }

        (int product, int? factor) = site.OperatorOf(summed) is Operator.Pointwise
        {
            Arguments.Count: 2,
            Expression: Expr.Binary { Function: BinaryFunction.Mul, X: Expr.Arg a, Y: Expr.Arg b },
        } scaled && a != b
            ? site.OperatorOf(scaled.Arguments[0]) is Operator.TypedLinear
                ? (scaled.Arguments[0], scaled.Arguments[1])
                : (scaled.Arguments[1], scaled.Arguments[0])
            : (summed, (int?)null);
        if (site.OperatorOf(product) is not Operator.TypedLinear linear || !HasSides(linear.Type, to) ||
            (factor is { } f && site.TypeOf(f).Row.Rank > site.TypeOf(product).Row.Rank))
        {
            return null;
        }

        foreach (Map from in Ends(site, linear.X, linear.Type))
        {
            var sides = new Sides(linear.Type, from, to);
            if (from != to && On(site, linear.X, sides.Left) is { } x && (factor is null || On(site, factor.Value, sides.Right) is not null) &&
                (mean is null || Map.Determines(sides.Right, mean)))
            {
                Value rows = site.Builder.Add(linear with
                {
                    X = x.Sum(sides.LeftToPair).Id,
                    Type = new Map.Via(sides.Pairs, linear.Type),
                });
                Value ends = rows.At(sides.RightToPair);
                ends = factor is { } c ? ends * On(site, c, sides.Right)!.Value : ends;
                ends = mean is not null ? ends * Scale(site, mean, sides.Right, ends.Type.Row.Rank) : ends;
                return ends.Sum(new Map.Via(sides.Right, to));
            }
        }

        return null;
    });

    /// <summary>The same in weight gradients: <c>Σ x[e]ᵀ · y[e]</c> over elements is that over pairs, of both sides' sums.</summary>
    public static Rewrite WeightGradient { get; } = new("compact by either side in weight gradients", RewriteFamilies.Compact, site =>
    {
        if (site.Op is not Operator.OuterSum outer)
        {
            return null;
        }

        foreach (Map from in Ends(site, outer.X, outer.Type))
        {
            foreach (Map to in Ends(site, outer.Y, outer.Type))
            {
                if (from == to || !HasSides(outer.Type, to))
                {
                    continue;
                }

                var sides = new Sides(outer.Type, from, to);
                if (On(site, outer.X, sides.Left) is { } x && On(site, outer.Y, sides.Right) is { } y)
                {
                    return site.Builder.Add(outer with
                    {
                        X = x.Sum(sides.LeftToPair).Id,
                        Y = y.Sum(sides.RightToPair).Id,
                        Type = new Map.Via(sides.Pairs, outer.Type),
                    });
                }
            }
        }

        return null;
    });

    /// <summary>Elements of a derived space are pairs already, and with one type one side is always best.</summary>
    internal static bool HasSides(Map type, Map to) => type.From.IsGiven && type is not Map.Unit && to is not Map.Unit && to != type;

    private static Value Scale(RewriteSite site, Map mean, IndexSpace.Either ways, int rank) =>
        (1 / Nn.Count(site.Builder, mean).Binary(BinaryFunction.Max, 1)).At(new Map.Via(ways, mean)).Reshape([.. Enumerable.Repeat(1, rank)]);

    /// <summary>The maps that a value of the elements may be a function of, with the type.</summary>
    internal static IEnumerable<Map> Ends(RewriteSite site, int value, Map type) => site.OperatorOf(value) switch
    {
        Operator.Gather { Map: Map.Pair pair } when pair.First == type => [pair.Second],
        Operator.Gather gather => Map.Factor(gather.Map, type) is null ? [gather.Map] : [],
        Operator.Constant => [],
        var op when IsInRows(op) => op.Operands.Items.SelectMany(o => Ends(site, o, type)).Distinct(),
        _ => [],
    };

    /// <summary>A value of the elements as a value of ways; null where it is not the same for all elements of a way.</summary>
    internal static Value? On(RewriteSite site, int value, IndexSpace.Either ways) =>
        On(site, value, ways, map => Map.Determines(ways, map) ? new Map.Via(ways, map) : null);

    /// <summary>A value of the elements as a value of another space, given what an element's map is there; null where a map has no such.</summary>
    internal static Value? On(RewriteSite site, int value, IndexSpace space, Func<Map, Map?> there)
    {
        switch (site.OperatorOf(value))
        {
            case Operator.Gather gather:
                return there(gather.Map) is { } map ? site[gather.X].At(map) : null;
            case Operator.Constant constant:
                return site.Builder.Add(constant with { Type = constant.Type with { Space = space } });
            case var op when IsInRows(op):
                var operands = new int[op.Operands.Count];
                for (int i = 0; i < operands.Length; i++)
                {
                    if (On(site, op.Operands[i], space, there) is not { } operand)
                    {
                        return null;
                    }

                    operands[i] = operand.Id;
                }

                return site.Builder.Add(op.With([.. operands]));
            default:
                return null;
        }
    }

    private static bool IsInRows(Operator op) =>
        op is Operator.Pointwise or Operator.RowReduce or Operator.Reshape or Operator.Transpose or Operator.Slice or Operator.Concat;

    /// <summary>The spaces of one way of going; that from the other end has the same spaces, so that both directions share values.</summary>
    private sealed class Sides
    {
        public Sides(Map type, Map from, Map to)
        {
            bool inOrder = string.CompareOrdinal(from.ToString(), to.ToString()) < 0;
            Pairs = inOrder ? new(type, from, to, EitherPart.Pairs) : new(type, to, from, EitherPart.Pairs);
            Left = Pairs with { Part = inOrder ? EitherPart.Firsts : EitherPart.Seconds };
            Right = Pairs with { Part = inOrder ? EitherPart.Seconds : EitherPart.Firsts };
        }

        public IndexSpace.Either Pairs { get; }

        public IndexSpace.Either Left { get; }

        public IndexSpace.Either Right { get; }

        public Map LeftToPair => new Map.Via(Left, new Map.Into(Pairs));

        public Map RightToPair => new Map.Via(Right, new Map.Into(Pairs));
    }
}
