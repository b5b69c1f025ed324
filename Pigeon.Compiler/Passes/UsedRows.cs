using Pigeon.Kernels;

namespace Pigeon.Compiler;

/// <summary>
/// Rows that no edge leads to, or from, are not multiplied: what is gathered along a map is computed for the map's image, and what is made
/// of sums along a map, and is 0 without neighbours, for the rows that have some. The image is a space of its own, the pairs of a row's type
/// and the row. A weight gradient, and a sum over all rows, take the rows of the image alone; where columns of one product go different ways,
/// each has a product of its own. A graph whose relations lead one way, such as ogbn-mag, has many such rows. Done as a whole where it pays
/// by the costs, before other rewrites.
/// <code>
///                                            %2 = gather second(compose(ntype, src), src) %0
/// %2 = linear ntype %0, %1                   %3 = linear first(compose(ntype, src), src) %2, %1
/// %3 = gather src %2                 ⇒       %4 = gather pair(compose(ntype, src), src) %3
/// </code>
/// </summary>
internal sealed class UsedRows
{
    /// <summary>A map whose image is a larger share of its target than this leads to nearly all rows.</summary>
    private const double MostRows = 0.9;

    /// <summary>The program has to be predicted to be so much faster: a search makes more of it as it was.</summary>
    private const double Saving = 0.95;

    private readonly ValueStore store;
    private readonly Columns columns;
    private readonly Dictionary<Map, Map.Pair> images = [];
    private readonly Dictionary<int, int> full = [];
    private readonly Dictionary<(int Value, Map.Pair Image), int> within = [];
    private readonly Dictionary<int, Sparse?> sparse = [];

    private UsedRows(ValueStore store) => (this.store, columns) = (store, new(store));

    /// <summary>Leaves rows out of a simplified program; returns the same reference where that does not pay, or no graph is given.</summary>
    public static Program Run(Program program, CompileOptions options)
    {
        if (options.Graph is null || !options.SpendsMemory || !options.Rewrites.HasFlag(RewriteFamilies.Compact))
        {
            return program;
        }

        var start = StoredProgram.Of(program);
        var graph = new GraphCounts(options.Graph);
        var rows = new UsedRows(start.Store);
        foreach (Map.Pair image in ImagesOf(start).Where(image => graph.Rows(image.To) < MostRows * graph.Rows(image.Second.To)))
        {
            rows.images.Add(image.Second, image);
        }

        if (rows.images.Count == 0)
        {
            return program;
        }

        StoredProgram less = rows.Of(start);
        var model = new CostModel(graph, options);
        return model.Of(less) < Saving * model.Of(start) ? less.ToProgram() : program;
    }

    /// <summary>The program without the rows outside the images of all maps that lead to rows which are multiplied.</summary>
    internal static Program Everywhere(Program program)
    {
        var start = StoredProgram.Of(program);
        var rows = new UsedRows(start.Store);
        foreach (Map.Pair image in ImagesOf(start))
        {
            rows.images.Add(image.Second, image);
        }

        return rows.Of(start).ToProgram();
    }

    private StoredProgram Of(StoredProgram start)
    {
        foreach (Output output in start.Outputs)
        {
            Full(output.Value);
        }

        Program rewritten = new(store.Name, [.. Enumerable.Range(0, store.Count).Select(store.OperatorOf)],
            [.. start.Outputs.Select(output => output with { Value = full[output.Value] })]);
        return StoredProgram.Of(rewritten);
    }

    /// <summary>The images of maps along which rows are gathered or summed, and whose target's rows are multiplied by their types.</summary>
    private static List<Map.Pair> ImagesOf(StoredProgram program)
    {
        var types = new Dictionary<IndexSpace, Map>();
        var maps = new List<Map>();
        foreach (int value in program.Order)
        {
            switch (program.Store.OperatorOf(value))
            {
                case Operator.TypedLinear { Type: { From: IndexSpace.Declared } type }:
                    types.TryAdd(type.From, type);
                    break;
                case Operator.Gather { Map: Map.Stored { From: IndexSpace.Declared } map } when !maps.Contains(map):
                    maps.Add(map);
                    break;
                case Operator.Reduce { Map: Map.Stored { From: IndexSpace.Declared } map } when !maps.Contains(map):
                    maps.Add(map);
                    break;
            }
        }

        return [.. maps.Where(map => types.ContainsKey(map.To)).Select(map => new Map.Pair(Map.Compose(types[map.To], map), map))];
    }

    /// <summary>A value for all of its rows.</summary>
    private Value Full(int value)
    {
        if (!full.TryGetValue(value, out int found))
        {
            full[value] = found = SparseOf(value) is { } some
                ? some.Rows.Sum(ToRow(some.Image)).Id
                : store.OperatorOf(value) switch
                {
                    Operator.Gather gather when images.TryGetValue(gather.Map, out Map.Pair? image) => Within(gather.X, image).At(image).Id,
                    Operator.OuterSum outer => Gradient(outer).Id,
                    Operator.Reduce { Kind: ReduceKind.Sum } sum => SumOf(sum).Id,
                    var op => store.Add(op.With([.. op.Operands.Select(o => Full(o).Id)])).Id,
                };
        }

        return new(store, found);
    }

    /// <summary>A value for the rows of an image.</summary>
    private Value Within(int value, Map.Pair image)
    {
        if (!within.TryGetValue((value, image), out int found))
        {
            within[(value, image)] = found = (SparseOf(value) is { } some && some.Image == image ? some.Rows : Computed(value, image)).Id;
        }

        return new(store, found);
    }

    private Value Computed(int value, Map.Pair image)
    {
        switch (store.OperatorOf(value))
        {
            case Operator.Slice slice when Pushed(slice) is { } other:
                return Within(other, image);
            case Operator.Pointwise or Operator.RowReduce or Operator.Reshape or Operator.Transpose or Operator.Slice or Operator.Concat:
                Operator op = store.OperatorOf(value);
                return store.Add(op.With([.. op.Operands.Select(o => Within(o, image).Id)]));
            case Operator.TypedLinear linear:
                return store.Add(linear with { X = Within(linear.X, image).Id, W = Full(linear.W).Id, Type = On(linear.Type, image) });
            case Operator.Gather gather when !images.ContainsKey(gather.Map):
                return Full(gather.X).At(On(gather.Map, image));
            case Operator.Constant constant:
                return store.Add(constant with { Type = constant.Type with { Space = image.To } });
            case Operator.Reduce reduce when reduce.Map == image.Second:
                return Full(reduce.X).Reduce(image, reduce.Kind);
            default:
                return Full(value).At(ToRow(image));
        }
    }

    /// <summary>A value that is 0 outside an image, as its rows inside; null where it is not known to be.</summary>
    private Sparse? SparseOf(int value)
    {
        if (!sparse.TryGetValue(value, out Sparse? found))
        {
            sparse[value] = found = store.OperatorOf(value) switch
            {
                Operator.Reduce { Kind: ReduceKind.Sum or ReduceKind.Mean } sum when images.TryGetValue(sum.Map, out Map.Pair? image) =>
                    new(image, Full(sum.X).Reduce(image, sum.Kind)),
                Operator.TypedLinear linear when SparseOf(linear.X) is { } x => new(x.Image, Computed(value, x.Image)),
                Operator.RowReduce or Operator.Reshape or Operator.Transpose when SparseOf(store.OperatorOf(value).Operands[0]) is { } x =>
                    new(x.Image, Computed(value, x.Image)),
                Operator.Slice slice when Pushed(slice) is { } other => SparseOf(other),
                Operator.Slice slice when SparseOf(slice.X) is { } x => new(x.Image, Computed(value, x.Image)),
                Operator.Pointwise pointwise => pointwise.Arguments.Items.Select(SparseOf).FirstOrDefault(x => x is not null) is { } x &&
                    IsZero(pointwise.Expression, position => SparseOf(pointwise.Arguments[position]) is { } other && other.Image == x.Image)
                    ? new(x.Image, Computed(value, x.Image))
                    : null,
                _ => null,
            };
        }

        return found;
    }

    /// <summary>Whether an expression of finite numbers is 0 where some of its arguments are.</summary>
    private static bool IsZero(Expr expression, Func<int, bool> isZero) => expression switch
    {
        Expr.Arg argument => isZero(argument.Position),
        Expr.Const constant => constant.Value == 0,
        Expr.Unary
        {
            Function: UnaryFunction.Neg or UnaryFunction.Abs or UnaryFunction.Sqrt or UnaryFunction.Sin or UnaryFunction.Tanh or
                UnaryFunction.Erf or UnaryFunction.Floor or UnaryFunction.Round or UnaryFunction.Detach
        } unary => IsZero(unary.X, isZero),
        Expr.Binary { Function: BinaryFunction.Mul } product => IsZero(product.X, isZero) || IsZero(product.Y, isZero),
        Expr.Binary { Function: BinaryFunction.Add or BinaryFunction.Sub or BinaryFunction.Max or BinaryFunction.Min } binary =>
            IsZero(binary.X, isZero) && IsZero(binary.Y, isZero),
        Expr.Select select => IsZero(select.X, isZero) && IsZero(select.Y, isZero),
        _ => false,
    };

    private Value Gradient(Operator.OuterSum outer)
    {
        bool mayCut = !outer.Blocks && store.TypeOf(outer.X).Row.Rank == 1 && images.Keys.Any(map => map.To == outer.Type.From);
        int[] cuts = mayCut ? columns.Cuts(outer.Y) : [];
        if (cuts.Length > 0)
        {
            return store.Concat(1, [.. columns.Each(outer.Y, cuts).Select(part => Gradient(outer with { Y = part }))]);
        }

        return store.Add((SparseOf(outer.X) ?? SparseOf(outer.Y)) is { Image: var image }
            ? outer with { X = Within(outer.X, image).Id, Y = Within(outer.Y, image).Id, Type = On(outer.Type, image) }
            : outer with { X = Full(outer.X).Id, Y = Full(outer.Y).Id });
    }

    private Value SumOf(Operator.Reduce sum)
    {
        int[] cuts = images.Keys.Any(map => map.To == sum.Map.From) ? columns.Cuts(sum.X) : [];
        if (cuts.Length > 0)
        {
            return store.Concat(0, [.. columns.Each(sum.X, cuts).Select(part => SumOf(sum with { X = part }))]);
        }

        return SparseOf(sum.X) is { } some ? some.Rows.Sum(On(sum.Map, some.Image)) : Full(sum.X).Sum(sum.Map);
    }

    /// <summary>The value whose columns a slice takes, computed for these columns alone; null where that is nothing else.</summary>
    private int? Pushed(Operator.Slice slice) =>
        store.TypeOf(slice.X).Row.Rank == 1 && columns.Of(slice.X, slice.Start, slice.Length) is var part &&
        store.OperatorOf(part) is not Operator.Slice ? part : null;

    private static Map ToRow(Map.Pair image) => new Map.Component((IndexSpace.Distinct)image.To, 1);

    /// <summary>A map from the rows, from those of an image: the type is there.</summary>
    private static Map On(Map map, Map.Pair image) => Map.Factor(Map.Compose(map, image.Second), image) ?? Map.Compose(map, ToRow(image));

    /// <summary>Rows of an image; outside of it they are 0.</summary>
    private sealed record Sparse(Map.Pair Image, Value Rows);
}
