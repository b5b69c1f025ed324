using Pigeon.Kernels;

namespace Pigeon.Compiler;

/// <summary>
/// Two products in a row with weights of different types, <c>(x · W_s + b_s) · A_r</c> with a block of A for each head, become one with a derived weight
/// for each pair of types, <c>x · (W_s · A_r) + b_s · A_r</c>; s follows from the element's row, as a node's type does, and r from the element. So do
/// gradients: that of W is the folded weight's times Aᵀ, and that of A is Wᵀ times it. Then nothing is multiplied for all nodes any more, but more for
/// every element, or every pair of type and row: it pays where these pairs are few beside the nodes. Done as a whole before other rewrites, where
/// it saves multiply-adds and the best plan after it is predicted to be faster than without.
/// <code>
///                                            %4 = gather second(etype, compose(ntype, src)) %1
/// %3 = linear ntype %0, %1                   %5 = linear first(etype, compose(ntype, src)) %4, %2
/// %4 = gather src %3                         %6 = gather src %0
/// %5 = linear etype %4, %2           ⇒       %7 = linear pair(etype, compose(ntype, src)) %6, %5
/// </code>
/// </summary>
internal sealed class FoldWeights
{
    /// <summary>Folding has to save this share of the multiply-adds: products of more types have smaller slices.</summary>
    private const double Saving = 0.85;

    private readonly ValueStore store;
    private readonly Columns columns;
    private readonly Dictionary<int, int> full = [];

    private FoldWeights(ValueStore store) => (this.store, columns) = (store, new(store));

    /// <summary>
    /// Folds the weights of a simplified program; returns the same reference where that does not pay, memory is short, or no graph is given. Not in bf16,
    /// where a product of weights would be rounded once more.
    /// </summary>
    public static Program Run(Program program, CompileOptions options)
    {
        const RewriteFamilies needed = RewriteFamilies.Reorder | RewriteFamilies.Compact;
        if (options is not { Graph: not null, FoldsWeights: true, SpendsMemory: true, Storage: ElementType.F32 } || (options.Rewrites & needed) != needed)
        {
            return program;
        }

        var start = StoredProgram.Of(program);
        var fold = new FoldWeights(start.Store);
        var graph = new GraphCounts(options.Graph);
        if (!fold.Saves(start, graph) || fold.Of(start)?.ToProgram() is not { } folded)
        {
            return program;
        }

        // Multiply-adds are not all of it: the best plans tell. They are kept for the pass that chooses rewrites.
        return Seconds(folded) < Seconds(program) ? folded : program;

        double Seconds(Program either) =>
            PlanSearch.SecondsRecomputed(ChooseRewrites.Run(UsedRows.Run(either, options), options with { Tuner = null }), graph, options);
    }

    /// <summary>The program with all weights folded, whatever it costs; null where not all fold.</summary>
    internal static Program? Everywhere(Program program)
    {
        var start = StoredProgram.Of(program);
        return new FoldWeights(start.Store).Of(start)?.ToProgram();
    }

    /// <summary>Whether an operator is a product of elements with a block for each head.</summary>
    internal static bool IsOfBlocks(ValueStore store, int value) => store.OperatorOf(value) is Operator.TypedLinear
    {
        Type.From.IsGiven: true,
    } linear && store.TypeOf(linear.W).Row.Rank == 3;

    private bool Saves(StoredProgram program, GraphCounts graph)
    {
        (double apart, double folded) = (0, 0);
        foreach (int value in program.Order.Where(value => IsOfBlocks(store, value)))
        {
            var linear = (Operator.TypedLinear)store.OperatorOf(value);
            if (AffineOf(linear.X) is not { Along: { } along } a)
            {
                continue;
            }

            Shape blocks = store.TypeOf(linear.W).Row;
            double pairs = PairsOf(program, linear.Type, along, graph);
            double width = store.TypeOf(a.X).Row.Width;
            apart += (graph.Rows(along.To) * width * blocks[0] * blocks[1]) + (pairs * blocks.Width);
            folded += pairs * width * blocks[0] * blocks[2];
        }

        return folded < Saving * apart;
    }

    /// <summary>The pairs of type and row that products are taken for: of either side, where elements are summed at another.</summary>
    private static double PairsOf(StoredProgram program, Map type, Map from, GraphCounts graph)
    {
        double pairs = graph.Rows(new IndexSpace.Distinct(type, from));
        Map? to = program.Order.Select(value => (program.Store.OperatorOf(value) as Operator.Reduce)?.Map)
            .FirstOrDefault(map => map is Map.Stored && map.From == type.From && map.To == from.To && map != from);
        return to is null ? pairs : string.CompareOrdinal(from.ToString(), to.ToString()) < 0
            ? graph.Rows(new IndexSpace.Either(type, from, to, EitherPart.Pairs))
            : graph.Rows(new IndexSpace.Either(type, to, from, EitherPart.Pairs));
    }

    private StoredProgram? Of(StoredProgram start)
    {
        foreach (Output output in start.Outputs)
        {
            Full(output.Value);
        }

        Program rewritten = new(store.Name, [.. Enumerable.Range(0, store.Count).Select(store.OperatorOf)],
            [.. start.Outputs.Select(output => output with { Value = full[output.Value] })]);
        var folded = StoredProgram.Of(rewritten);
        return folded.Order.Any(value => IsOfBlocks(folded.Store, value)) ? null : folded;
    }

    private Value Full(int value)
    {
        if (!full.TryGetValue(value, out int found))
        {
            full[value] = found = (store.OperatorOf(value) switch
            {
                Operator.TypedLinear linear when IsOfBlocks(store, value) && AffineOf(linear.X) is { Along: not null } affine => Product(linear, affine),
                Operator.OuterSum { Blocks: true } outer when AffineOf(outer.X) is { Along: not null } affine => OfBlocks(outer, affine),
                Operator.OuterSum { Blocks: false } outer => Gradient(outer),
                Operator.Reduce { Kind: ReduceKind.Sum } sum => SumOf(sum),
                Operator.Slice slice when store.TypeOf(value).Row.Rank == 1 &&
                    columns.Of(slice.X, slice.Start, slice.Length) is var part && part != value => Full(part),
                var op => store.Add(op.With([.. op.Operands.Select(o => Full(o).Id)])),
            }).Id;
        }

        return new(store, found);
    }

    private Value Product(Operator.TypedLinear linear, Affine affine)
    {
        Shape blocks = store.TypeOf(linear.W).Row;
        Value relation = Full(linear.W);
        var types = new Types(linear.Type, Map.Compose(affine.Type, affine.Along!));
        Value weight = OfHeads(Full(affine.W), blocks[0]).At(types.OfRow).Linear(relation, types.OfElement);
        Value product = Full(affine.X).At(affine.Along!).Linear(Joined(weight), types.Pair);
        if (affine.Bias is { } bias)
        {
            Value moved = Full(bias).Reshape(blocks[0], blocks[1]).At(types.OfRow).Linear(relation, types.OfElement);
            product += moved.Reshape(blocks[0] * blocks[2]).At(types.Pair);
        }

        return product.Reshape(blocks[0], blocks[2]);
    }

    /// <summary>The gradient of blocks, <c>Σ (x · W + b)ᵀ · y = Wᵀ · (Σ xᵀ · y) + bᵀ · Σ y</c>, head by head.</summary>
    private Value OfBlocks(Operator.OuterSum outer, Affine affine)
    {
        (int heads, int width) = (store.TypeOf(outer.X).Row[0], store.TypeOf(outer.X).Row[1]);
        var types = new Types(outer.Type, Map.Compose(affine.Type, affine.Along!));
        Value folded = Folded(affine.X, affine.Along!, outer.Y, types);
        Value gradient = store.Add(new Operator.OuterSum(OfHeads(Full(affine.W), heads).At(types.OfRow).Id, folded.Id, types.OfElement, Blocks: true));
        if (affine.Bias is { } bias)
        {
            Value rows = Full(bias).Reshape(heads, width).At(types.OfRow);
            gradient += store.Add(new Operator.OuterSum(rows.Id, Total(outer.Y, affine.Along!, types).Id, types.OfElement, Blocks: true));
        }

        return gradient;
    }

    /// <summary>The gradient of a weight, column by column where these come from different products.</summary>
    private Value Gradient(Operator.OuterSum outer)
    {
        if (store.TypeOf(outer.X).Row.Rank == 1)
        {
            if (BackOf(outer.Y) is { } back)
            {
                var types = new Types(back.Linear.Type, Map.Compose(outer.Type, back.Along));
                Value folded = Folded(outer.X, back.Along, back.Linear.X, types);
                return Joined(folded.Linear(Full(back.Linear.W), types.OfElement)).Sum(types.OfRow);
            }

            int[] cuts = columns.Cuts(outer.Y);
            int[] parts = cuts.Length > 0 ? [.. columns.Each(outer.Y, cuts)] : [];
            if (parts.Any(part => BackOf(part) is not null))
            {
                return store.Concat(1, [.. parts.Select(part => Gradient(outer with { Y = part }))]);
            }
        }

        return store.Add(outer with { X = Full(outer.X).Id, Y = Full(outer.Y).Id });
    }

    /// <summary>A sum of rows, of which some columns come from products.</summary>
    private Value SumOf(Operator.Reduce sum)
    {
        if (BackOf(sum.X) is { } back)
        {
            var types = new Types(back.Linear.Type, Map.Compose(sum.Map, back.Along));
            Value total = Total(back.Linear.X, back.Along, types).Linear(Full(back.Linear.W), types.OfElement);
            return total.Reshape((int)total.Type.Row.Width).Sum(types.OfRow);
        }

        int[] cuts = columns.Cuts(sum.X);
        int[] parts = cuts.Length > 0 ? [.. columns.Each(sum.X, cuts)] : [];
        return parts.Any(part => BackOf(part) is not null)
            ? store.Concat(0, [.. parts.Select(part => SumOf(sum with { X = part }))])
            : Full(sum.X).Sum(sum.Map);
    }

    /// <summary>The gradient of the folded weight, <c>Σ xᵀ · y</c> of elements for each pair of types, cut into heads: <c>[h, in, d]</c>.</summary>
    private Value Folded(int x, Map along, int y, Types types)
    {
        Value rows = Full(y);
        (int heads, int width) = (rows.Type.Row[0], rows.Type.Row[1]);
        Value sum = store.Add(new Operator.OuterSum(Full(x).At(along).Id, rows.Reshape(heads * width).Id, types.Pair));
        return OfHeads(sum, heads);
    }

    /// <summary>The sum of elements for each pair of types, by way of the pairs with the row that the other operand comes from.</summary>
    private Value Total(int y, Map along, Types types)
    {
        var pair = new Map.Pair(types.Pair, along);
        return Full(y).Sum(pair).Sum(new Map.Component((IndexSpace.Distinct)pair.To, 0));
    }

    private static Value OfHeads(Value weight, int heads)
    {
        Shape row = weight.Type.Row;
        return weight.Reshape(row[0], heads, row[1] / heads).Transpose(1, 0, 2);
    }

    private static Value Joined(Value blocks)
    {
        Shape row = blocks.Type.Row;
        return blocks.Transpose(1, 0, 2).Reshape(row[1], row[0] * row[2]);
    }

    /// <summary>What goes back from elements to rows through a product of blocks; null where a value is nothing like it.</summary>
    private (Operator.TypedLinear Linear, Map Along)? BackOf(int value)
    {
        Operator op = store.OperatorOf(value);
        if (op is Operator.Reshape reshape && store.TypeOf(value).Row.Rank == 1)
        {
            op = store.OperatorOf(reshape.X);
        }

        return op is Operator.Reduce { Kind: ReduceKind.Sum } sum && IsOfBlocks(store, sum.X)
            ? ((Operator.TypedLinear)store.OperatorOf(sum.X), sum.Map)
            : null;
    }

    /// <summary>A value as <c>x · W_t + b_t</c>, perhaps gathered, and cut into heads; null where it is something else.</summary>
    private Affine? AffineOf(int value)
    {
        switch (store.OperatorOf(value))
        {
            case Operator.Gather gather:
                return AffineOf(gather.X) is { Along: null } inner ? inner with { Along = gather.Map } : null;
            case Operator.Reshape reshape when store.TypeOf(value).Row.Rank == 2 && store.TypeOf(reshape.X).Row.Rank == 1:
                return AffineOf(reshape.X);
            case Operator.Slice slice when store.TypeOf(value).Row.Rank == 1:
                int part = columns.Of(slice.X, slice.Start, slice.Length);
                return store.OperatorOf(part) is Operator.Slice ? null : AffineOf(part);
            case Operator.TypedLinear { Transposed: false } linear when store.TypeOf(linear.W).Row.Rank == 2 && store.TypeOf(linear.X).Row.Rank == 1:
                return new(linear.X, linear.W, null, linear.Type, null);
            case Operator.Pointwise { Arguments.Count: 2, Expression: Expr.Binary { Function: BinaryFunction.Add, X: Expr.Arg, Y: Expr.Arg } } sum:
                return Biased(sum.Arguments[0], sum.Arguments[1]) ?? Biased(sum.Arguments[1], sum.Arguments[0]);
            default:
                return null;
        }
    }

    private Affine? Biased(int product, int bias) => store.OperatorOf(product) is Operator.TypedLinear linear && AffineOf(product) is { } affine &&
        store.OperatorOf(bias) is Operator.Gather gather && gather.Map == linear.Type && store.TypeOf(bias).Row == store.TypeOf(product).Row
        ? affine with { Bias = gather.X }
        : null;

    private sealed record Affine(int X, int W, int? Bias, Map Type, Map? Along);

    /// <summary>The pairs of two types: an element's own, and that of its row.</summary>
    private sealed class Types(Map element, Map row)
    {
        private readonly Map.Pair pair = new(element, row);
        private readonly Map? factor = Map.Factor(row, element);

        /// <summary>From an element to its pair, or to its own type where the other follows from it.</summary>
        public Map Pair => factor is null ? pair : element;

        public Map OfElement => factor is null ? new Map.Component((IndexSpace.Distinct)pair.To, 0) : new Map.Identity(element.To);

        public Map OfRow => factor ?? new Map.Component((IndexSpace.Distinct)pair.To, 1);
    }
}
