using Pigeon.Kernels;

namespace Pigeon.Compiler;

/// <summary>
/// Compaction by either side where every element has a weight of its own, as attention gives to edges. For the types with fewer pairs of type
/// and first row, their products are computed on these pairs and weighed element by element; for the others, first rows are weighed and summed
/// for each pair of type and second row, and multiplied then. Elements of both kinds are spaces of their own. Weights are known before the sums
/// are taken: logits need no products of elements once they are reordered.
/// <code>
///                                            %5 = linear of byfirst's pairs %0, %1
/// %3 = linear etype (gather src %0), %1      %6 = reduce.sum via(byfirst(etype, src, dst), dst) (%5 * %2)
/// %4 = reduce.sum dst (%3 * %2)      ⇒       %7 = linear (reduce.sum to bysecond's pairs (gather src %0 * %2)), %1
///                                            %8 = pointwise {$0 + $1} %6, (reduce.sum to dst %7)
/// </code>
/// </summary>
internal static class WeighedSides
{
    /// <summary>The sum of weighed products, <c>Σ c · (x · W_t)</c>, or of products of weighed rows, <c>Σ (c · x) · W_t</c>.</summary>
    public static Rewrite Sum { get; } = new("weighed by either side", RewriteFamilies.Compact, site =>
        site.EitherOperandOfSum(BinaryFunction.Mul, (sum, product, weight) =>
            Product.Of(site, product) is { } p ? OfSides(site, sum, p, weight) : null) ??
        (site.Op is Operator.Reduce { Kind: ReduceKind.Sum } reduce && site.OperatorOf(reduce.X) is Operator.TypedLinear { Transposed: false } linear
            ? OfProduct(site, linear.X, (rows, weight) => site.TypeOf(rows).Row == site.TypeOf(linear.X).Row
                ? OfSides(site, reduce, new(site, linear with { X = rows }, site.TypeOf(reduce.X).Row, IsReshaped: false), weight)
                : null)
            : null));

    /// <summary>The same in weight gradients: <c>Σ x[e]ᵀ · (c[e] · y[e])</c>.</summary>
    public static Rewrite WeightGradient { get; } = new("weighed by either side in weight gradients", RewriteFamilies.Compact, site =>
    {
        if (site.Op is not Operator.OuterSum outer)
        {
            return null;
        }

        bool isReshaped = site.OperatorOf(outer.Y) is Operator.Reshape && !outer.Blocks && site.TypeOf(outer.X).Row.Rank == 1;
        int weighed = isReshaped ? site.OperatorOf(outer.Y).Operands[0] : outer.Y;
        return OfProduct(site, weighed, (y, weight) =>
        {
            Map[] ends = [.. EitherSide.Ends(site, y, outer.Type)];
            var p = new Product(site, new Operator.TypedLinear(outer.X, -1, outer.Type), site.TypeOf(weighed).Row, isReshaped);
            if (ends.Length != 1 || site.TypeOf(y).Row != p.Shape || (isReshaped && p.Shape.Rank != 2) ||
                Parts.Of(site, outer.X, outer.Type, ends[0]) is not { } parts || !p.MayWeigh(site.TypeOf(weight).Row) ||
                EitherSide.On(site, weight, parts.Ways) is not null || parts.Near(y) is not { } yNear || parts.OnFarPairs(y) is not { } far)
            {
                return null;
            }

            int[] row = [.. site.TypeOf(outer.Y).Row.Extents];
            Value near = (yNear * Parts.Read(site[weight], parts.NearElements)).Sum(parts.ToNear).Reshape(row);
            Value byNear = site.Builder.Add(outer with { X = parts.OnNearPairs(outer.X)!.Value.Id, Y = near.Id, Type = parts.TypeOfNear });
            Value sums = parts.WeighedSum(p, weight);
            if (!isReshaped)
            {
                return byNear + site.Builder.Add(outer with { X = sums.Id, Y = far.Id, Type = parts.TypeOfFar });
            }

            int width = (int)site.TypeOf(outer.X).Row.Width;
            return byNear + (sums.Type.Row[0] == 1
                ? site.Builder.Add(outer with { X = sums.Reshape(width).Id, Y = far.Reshape(row).Id, Type = parts.TypeOfFar })
                : site.Builder.Add(new Operator.OuterSum(sums.Id, far.Id, parts.TypeOfFar, Blocks: true)).Transpose(1, 0, 2).Reshape(width, row[0]));
        });
    });

    /// <summary>A dot product with a typed product, <c>y[e] · (x[e] · W_t)</c>: of y with products of x, or of x with products of y.</summary>
    public static Rewrite Dot { get; } = new("dot by either side", RewriteFamilies.Compact, site =>
    {
        if (site.Op is not Operator.RowReduce { Kind: ReduceKind.Sum, Axes: { Count: 1 } axes } dot ||
            axes[0] != site.TypeOf(dot.X).Row.Rank - 1)
        {
            return null;
        }

        return OfProduct(site, dot.X, (product, y) =>
        {
            if (Product.Of(site, product) is not { } p || site.TypeOf(y).Row != p.Shape ||
                EitherSide.Ends(site, y, p.Linear.Type).ToArray() is not [var end] || Parts.Of(site, p.Linear.X, p.Linear.Type, end) is not { } parts ||
                parts.Near(y) is not { } yNear || parts.OnFarPairs(y) is not { } yFar)
            {
                return null;
            }

            Value near = p.Whole(parts.OnNearPairs(p.Linear.X)!.Value, parts.TypeOfNear).At(parts.ToNear);
            Value byNear = (yNear * near).RowReduce(ReduceKind.Sum, axes[0]);
            Value far = p.MultiplyBack(yFar, parts.TypeOfFar).At(parts.ToFar);
            Value byFar = (p.Rows(parts.Far(p.Linear.X)) * far).RowReduce(ReduceKind.Sum, axes[0]);
            if (p.Bias is not null)
            {
                // The bias first: planned in this order, one loop does both.
                byFar = (yFar * p.BiasAt(parts.TypeOfFar)).RowReduce(ReduceKind.Sum, axes[0]).At(parts.ToFar) + byFar;
            }

            Map all = new Map.Identity(p.Linear.Type.From);
            return byNear.Sum(new Map.Via(parts.NearElements, all)) + byFar.Sum(new Map.Via(parts.FarElements, all));
        });
    });

    /// <summary>
    /// Weighed rows of one end, summed for each type by way of the pairs with the other end, <c>Σ c[e] · y[e]</c>, as gradients of biases are: by way of
    /// the pairs that the weight's gradient is taken of.
    /// </summary>
    public static Rewrite TypeSum { get; } = new("weighed by either side in sums of types", RewriteFamilies.Compact, site =>
        site.Op is Operator.Reduce { Kind: ReduceKind.Sum, Map: Map.Component { Position: 0 } } outer &&
        site.OperatorOf(outer.X) is Operator.Reduce { Kind: ReduceKind.Sum, Map: Map.Pair { First: var type, Second: var from } pair } inner &&
        pair.To == outer.Map.From
            ? OfProduct(site, inner.X, (y, weight) =>
            {
                Map[] ends = [.. EitherSide.Ends(site, y, type)];
                Shape row = site.TypeOf(y).Row;
                if (ends.Length != 1 || row.Rank != 2 || site.TypeOf(weight).Row != Shape.Of(row[0], 1) ||
                    Parts.Between(site, type, from, ends[0]) is not { } parts || EitherSide.On(site, weight, parts.Ways) is not null ||
                    parts.Near(y) is not { } near || parts.OnFarPairs(y) is not { } far)
                {
                    return null;
                }

                Value byNear = (near * Parts.Read(site[weight], parts.NearElements)).Sum(parts.ToNear).Sum(parts.TypeOfNear);
                return byNear + (parts.Weights(weight) * far).Sum(parts.TypeOfFar);
            })
            : null);

    private static Value? OfSides(RewriteSite site, Operator.Reduce sum, Product p, int weight)
    {
        if (Parts.Of(site, p.Linear.X, p.Linear.Type, sum.Map) is not { } parts || !p.MayWeigh(site.TypeOf(weight).Row) ||
            EitherSide.On(site, weight, parts.Ways) is not null)
        {
            return null;
        }

        Value near = p.Whole(parts.OnNearPairs(p.Linear.X)!.Value, parts.TypeOfNear).At(parts.ToNear);
        Value byNear = (near * Parts.Read(site[weight], parts.NearElements)).Sum(new Map.Via(parts.NearElements, sum.Map));
        Value far = p.Multiply(parts.WeighedSum(p, weight), parts.TypeOfFar);
        if (p.Bias is not null)
        {
            far += parts.Weights(weight) * p.BiasAt(parts.TypeOfFar);
        }

        return byNear + far.Sum(new Map.Component(parts.FarPairs, 1));
    }

    /// <summary>What a rule makes of the two factors of a product, or else of them the other way round.</summary>
    private static Value? OfProduct(RewriteSite site, int value, Func<int, int, Value?> rule) =>
        site.FactorsOf(value) is { } factors ? rule(factors.X, factors.Y) ?? rule(factors.Y, factors.X) : null;

    /// <summary>The elements of both kinds and their pairs, for rows that come from one end and are summed at another.</summary>
    private sealed record Parts(RewriteSite Site, IndexSpace.Either NearElements, IndexSpace.Either FarElements, IndexSpace.Either Ways, Map Type, Map From, Map To)
    {
        /// <summary>From an element of the first kind to its pair of type and the end where rows come from.</summary>
        public Map.Pair ToNear => new(new Map.Via(NearElements, Type), new Map.Via(NearElements, From));

        /// <summary>From an element of the other kind to its pair of type and the end where rows are summed.</summary>
        public Map.Pair ToFar => new(new Map.Via(FarElements, Type), new Map.Via(FarElements, To));

        public IndexSpace.Distinct FarPairs => (IndexSpace.Distinct)ToFar.To;

        public Map TypeOfNear => new Map.Component((IndexSpace.Distinct)ToNear.To, 0);

        public Map TypeOfFar => new Map.Component(FarPairs, 0);

        /// <summary>The parts for the rows of a value, where they follow from one end.</summary>
        public static Parts? Of(RewriteSite site, int rows, Map type, Map to)
        {
            Map[] from = [.. EitherSide.Ends(site, rows, type)];
            return from.Length == 1 && Between(site, type, from[0], to) is { } parts && parts.OnNearPairs(rows) is not null ? parts : null;
        }

        /// <summary>The parts for rows from one end and sums at another.</summary>
        public static Parts? Between(RewriteSite site, Map type, Map from, Map to)
        {
            if (from == to || !EitherSide.HasSides(type, to))
            {
                return null;
            }

            bool inOrder = string.CompareOrdinal(from.ToString(), to.ToString()) < 0;
            (Map first, Map second) = inOrder ? (from, to) : (to, from);
            return new Parts(site, new(type, first, second, inOrder ? EitherPart.ByFirst : EitherPart.BySecond),
                new(type, first, second, inOrder ? EitherPart.BySecond : EitherPart.ByFirst),
                new(type, first, second, inOrder ? EitherPart.Seconds : EitherPart.Firsts), type, from, to);
        }

        /// <summary>A value of the elements as one of some of them: where it is stored, not computed once more.</summary>
        public static Value Read(Value value, IndexSpace.Either elements) => value.At(new Map.Via(elements, new Map.Identity(elements.Type.From)));

        /// <summary>What is gathered for elements, gathered for those of the first kind; null where it is not all gathered.</summary>
        public Value? Near(int value) => EitherSide.On(Site, value, NearElements);

        /// <summary>The rows that come from one end, gathered for elements of the other kind.</summary>
        public Value Far(int rows) => EitherSide.On(Site, rows, FarElements)!.Value;

        public Value? OnNearPairs(int value) => EitherSide.On(Site, value, ToNear.To, map => Map.Factor(new Map.Via(NearElements, map), ToNear));

        public Value? OnFarPairs(int value) => EitherSide.On(Site, value, FarPairs, map => Map.Factor(new Map.Via(FarElements, map), ToFar));

        /// <summary>The weights of the other kind's elements, summed for each pair.</summary>
        public Value Weights(int weight) => Read(Site[weight], FarElements).Sum(ToFar);

        /// <summary>Rows of the other kind's elements, weighed and summed for each pair.</summary>
        public Value WeighedSum(Product product, int weight) => (product.Rows(Far(product.Linear.X)) * Read(Site[weight], FarElements)).Sum(ToFar);
    }
}
