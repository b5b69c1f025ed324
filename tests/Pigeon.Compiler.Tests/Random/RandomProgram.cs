using Pigeon.Compiler;
using Pigeon.Kernels;
using static Pigeon.Kernels.HeteroSchema;

namespace Pigeon.Tests;

/// <summary>
/// Random programs that are right by construction, from the operators' type rules (the idea of NNSmith, Liu et al. 2023). Inputs
/// and weights are meant to be integers in ±<see cref="Bound"/>. Every value carries a bound of its magnitude and the number of
/// its binary places, and no value needs more bits than a float has: so each sum is exact in any order, and all ways to compute
/// a program must agree bit for bit.
/// </summary>
internal sealed class RandomProgram
{
    /// <summary>The largest magnitude of an input's or a weight's number.</summary>
    public const int Bound = 2;

    /// <summary>No space of the graphs that <see cref="RandomGraphs"/> makes has a fibre or a row count beyond this.</summary>
    private const int LargestFibre = 256;

    private const int Bits = 23;
    private const int WidestRow = 150;
    private static readonly int[] Extents = [1, 1, 2, 3, 4, 5, 7, 8, 16, 17, 33];
    private static readonly IndexSpace[] Spaces = [Nodes, Edges, Edges, Edges, NodeTypes, EdgeTypes, IndexSpace.One, SourcePair.To,
        DestinationPair.To, new IndexSpace.Product(EdgeTypes, NodeTypes)];

    private static readonly Map[] Maps = AllMaps();
    private readonly Random random;
    private readonly ProgramBuilder builder;
    private readonly List<Value> values = [];
    private readonly List<Magnitude> magnitudes = [];
    private readonly HashSet<int> used = [];

    private RandomProgram(int seed)
    {
        random = new Random(seed);
        builder = new ProgramBuilder($"random{seed}");
    }

    /// <summary>The program of a seed.</summary>
    public static Program Create(int seed) => new RandomProgram(seed).Create();

    private Program Create()
    {
        int sources = random.Next(1, 4);
        for (int i = 0; i < sources; i++)
        {
            AddSource();
        }

        int operators = random.Next(3, 16);
        while (operators > 0)
        {
            if (TryAddOperator())
            {
                operators--;
            }
        }

        Value[] ends = [.. values.Where(value => !used.Contains(value.Id) || random.Next(12) == 0)];
        for (int i = 0; i < ends.Length; i++)
        {
            builder.Return($"y{i}", ends[i]);
        }

        return builder.Build();
    }

    private static Map[] AllMaps()
    {
        Map[] stored = [Src, Dst, EType, NType];
        Map[] pairs = [SourcePair, DestinationPair, new Map.Pair(Src, Dst)];
        Map[] components = [.. pairs.SelectMany(pair => new[] { 0, 1 }.Select(position =>
            new Map.Component((IndexSpace.Distinct)pair.To, position)))];
        IndexSpace.Either[] either = [.. Enum.GetValues<EitherPart>().Select(part => new IndexSpace.Either(EType, Src, Dst, part))];
        Map[] ways = [.. either.Where(space => space.HasAll).Select(space => new Map.Into(space)), .. either.Select(space => new Map.Via(space, EType)),
            .. either.Skip(1).Select(space => new Map.Via(space, new Map.Into(either[0]))), new Map.Via(either[1], Src), new Map.Via(either[2], DestinationPair),
            .. either.Where(space => !space.HasAll).SelectMany(space => new Map[] { new Map.Via(space, new Map.Identity(Edges)), new Map.Via(space, Dst) })];
        Map[] composed = [Map.Compose(NType, Src), Map.Compose(NType, Dst),
            .. components.Where(map => map.To == Nodes).Select(map => Map.Compose(NType, map))];
        Map[] products = [new Map.Index(EType, Map.Compose(NType, Src)), new Map.Index(EType, Map.Compose(NType, Dst))];
        Map[] units = [.. Spaces.Distinct().Select(space => new Map.Unit(space))];
        return [.. stored, .. pairs, .. components, .. ways, .. composed, .. products, .. units, new Map.Identity(Edges)];
    }

    private T Pick<T>(IReadOnlyList<T> items) => items[random.Next(items.Count)];

    private Value PickValue() => random.Next(3) == 0 ? Pick(values) : values[random.Next(Math.Max(0, values.Count - 4), values.Count)];

    private int[] PickRow(int mostAxes = 3)
    {
        int[] row = [.. Enumerable.Range(0, random.Next(mostAxes + 1)).Select(_ => Pick(Extents))];
        return row.Aggregate(1, (product, extent) => product * extent) <= WidestRow ? row : PickRow(mostAxes);
    }

    private Value AddSource() => AddSource(Pick(Spaces), PickRow());

    private Value AddSource(IndexSpace space, int[] row)
    {
        string name = $"v{values.Count}";
        return random.Next(8) == 0
            ? Record(builder.Constant(random.Next(-2, 3), space, row), new(2, 0))
            : Record(random.Next(2) == 0 ? builder.Input(name, space, row) : builder.Weight(name, space, row), new(Bound, 0));
    }

    private Value Record(Value value, Magnitude magnitude)
    {
        values.Add(value);
        magnitudes.Add(magnitude);
        return value;
    }

    private bool TryAdd(Operator op, Magnitude magnitude)
    {
        if (!magnitude.IsExact)
        {
            return false;
        }

        try
        {
            Value value = builder.Add(op);
            if (value.Type.Row.Width > WidestRow)
            {
                // Nothing reads it, but it must stay: values are numbered.
                magnitude = new(double.PositiveInfinity, 0);
            }

            Record(value, magnitude);
            used.UnionWith(op.Operands);
            return true;
        }
        catch (PigeonException)
        {
            return false;
        }
    }

    private bool TryAddOperator()
    {
        Value x = PickValue();
        Magnitude own = magnitudes[x.Id];
        Shape row = x.Type.Row;
        Map[] starting = [.. Maps.Where(map => map.From == x.Type.Space)];
        Map[] leading = [.. Maps.Where(map => map.To == x.Type.Space)];
        switch (random.Next(16))
        {
            case 0:
                AddSource();
                return false;
            case 1 or 2 when leading.Length > 0:
                return TryAdd(new Operator.Gather(x.Id, Pick(leading)), own);
            case 3 or 4 or 5 when starting.Length > 0:
                return TryReduce(x, own, Pick(starting));
            case 6 or 7 or 8 when starting.Length > 0 && row.Rank > 0:
                return TryLinear(x, own, Pick(starting));
            case 9 or 10 or 11 or 12:
                return TryPointwise(x);
            case 13 when row.Rank > 0:
                return TryRowReduce(x, own);
            case 14:
                return TryView(x, own);
            case 15 when starting.Length > 0 && row.Rank > 0:
                return TryOuter(x, own, Pick(starting));
            default:
                return false;
        }
    }

    private bool TryReduce(Value x, Magnitude own, Map map)
    {
        ReduceKind kind = Pick([ReduceKind.Sum, ReduceKind.Sum, ReduceKind.Max, ReduceKind.Min, ReduceKind.Prod]);
        return TryAdd(new Operator.Reduce(x.Id, map, kind), Reduced(kind, own, LargestFibre));
    }

    private static Magnitude Reduced(ReduceKind kind, Magnitude own, int count) => kind switch
    {
        ReduceKind.Sum => own.Times(count),
        ReduceKind.Prod => own is { Largest: <= 1, Places: 0 } ? new(1, 0) : new(double.PositiveInfinity, 0),
        _ => own,
    };

    private bool TryLinear(Value x, Magnitude own, Map map)
    {
        Shape row = x.Type.Row;
        int k = row[^1];
        int n = Pick(Extents);
        bool transposed = random.Next(4) == 0;
        int[] slice = transposed ? [n, k] : [k, n];
        if (row.Rank is 2 or 3 && random.Next(2) == 0)
        {
            slice = [row[0], .. slice];
        }

        if (row.Width / k * n > WidestRow || slice.Aggregate(1, (product, extent) => product * extent) > 4 * WidestRow)
        {
            return false;
        }

        Value[] fitting = [.. values.Where(value => value.Type.Space == map.To && value.Type.Row == Shape.Of(slice))];
        Value w = fitting.Length > 0 && random.Next(2) == 0 ? Pick(fitting) : AddSource(map.To, slice);
        return TryAdd(new Operator.TypedLinear(x.Id, w.Id, map, transposed), own.Times(magnitudes[w.Id]).Times(k));
    }

    private bool TryOuter(Value x, Magnitude own, Map map)
    {
        Shape row = x.Type.Row;
        Value[] fitting = [.. values.Where(value => value.Type.Space == x.Type.Space && value.Type.Row.Rank == row.Rank)];
        Value y = Pick(fitting);
        bool blocks = row.Rank is 2 or 3 && random.Next(2) == 0;
        return (long)row[^1] * y.Type.Row[^1] * (blocks ? row[0] : 1) <= WidestRow &&
            TryAdd(new Operator.OuterSum(x.Id, y.Id, map, blocks),
                own.Times(magnitudes[y.Id]).Times(LargestFibre).Times(row.Width / row[^1]));
    }

    private bool TryRowReduce(Value x, Magnitude own)
    {
        int rank = x.Type.Row.Rank;
        ReduceKind kind = Pick([ReduceKind.Sum, ReduceKind.Max, ReduceKind.Min, ReduceKind.Prod]);
        int[] axes = [.. Enumerable.Range(0, rank).Where(_ => random.Next(2) == 0)];
        return TryAdd(new Operator.RowReduce(x.Id, kind, [.. axes]), Reduced(kind, own, (int)x.Type.Row.Width));
    }

    private bool TryView(Value x, Magnitude own)
    {
        Shape row = x.Type.Row;
        int axis = random.Next(Math.Max(1, row.Rank));
        switch (random.Next(4))
        {
            case 0:
                int extent = Pick(Extents);
                int rest = (int)(row.Width / extent);
                Shape[] shapes = [Shape.Of((int)row.Width), Shape.Of(extent, rest), Shape.Of(rest, 1, extent)];
                return row.Width % extent == 0 && TryAdd(new Operator.Reshape(x.Id, Pick(shapes)), own);
            case 1:
                return TryAdd(new Operator.Transpose(x.Id, [.. Enumerable.Range(0, row.Rank).OrderBy(_ => random.Next())]), own);
            case 2 when row.Rank > 0:
                int start = random.Next(row[axis]);
                return TryAdd(new Operator.Slice(x.Id, axis, start, random.Next(1, row[axis] - start + 1)), own);
            case 3 when row.Rank > 0:
                Value[] fitting = [.. values.Where(value => value.Type.Space == x.Type.Space && value.Type.Row.Rank == row.Rank &&
                    Enumerable.Range(0, row.Rank).All(a => a == axis || value.Type.Row[a] == row[a]))];
                Value[] parts = [.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => Pick(fitting)).Prepend(x)];
                return TryAdd(new Operator.Concat(axis, [.. parts.Select(part => part.Id)]),
                    parts.Select(part => magnitudes[part.Id]).Aggregate(Magnitude.Union));
            default:
                return false;
        }
    }

    private bool TryPointwise(Value x)
    {
        Value[] fitting = [x, .. values.Where(value => value.Type.Space == x.Type.Space &&
            Shape.Broadcast(value.Type.Row, x.Type.Row) is { Width: <= WidestRow })];
        Value[] arguments = [.. Enumerable.Range(0, random.Next(3)).Select(_ => Pick(fitting)).Prepend(x)];
        (Expr expression, Magnitude magnitude) = Expression(arguments, random.Next(1, 4));
        return TryAdd(new Operator.Pointwise(expression, [.. arguments.Select(argument => argument.Id)]), magnitude);
    }

    private (Expr Expression, Magnitude Magnitude) Expression(Value[] arguments, int depth)
    {
        if (depth == 0)
        {
            if (random.Next(4) == 0)
            {
                double constant = Pick([-2.0, -1, -0.5, 0, 0.5, 1, 2, 3]);
                return (new Expr.Const(constant), new(3, 1));
            }

            int position = random.Next(arguments.Length);
            return (new Expr.Arg(position), magnitudes[arguments[position].Id]);
        }

        (Expr x, Magnitude a) = Expression(arguments, depth - 1);
        (Expr y, Magnitude b) = Expression(arguments, random.Next(depth));
        switch (random.Next(12))
        {
            case 0:
                return (new Expr.Unary(Pick([UnaryFunction.Neg, UnaryFunction.Abs, UnaryFunction.Detach]), x), a);
            case 1:
                return (new Expr.Unary(Pick([UnaryFunction.Floor, UnaryFunction.Round]), x), new(a.Largest + 1, 0));
            case 2:
                return (new Expr.Binary(Pick([BinaryFunction.Less, BinaryFunction.Equal]), x, y), new(1, 0));
            case 3 or 4 when HasArgument(x) && HasArgument(y):
                // .NET 10 loses the sign of a constant -0 in MathF.Min and Max with an operand in memory, so both sides vary.
                return (new Expr.Binary(Pick([BinaryFunction.Max, BinaryFunction.Min]), x, y), Magnitude.Union(a, b));
            case 5 or 6:
                return (new Expr.Binary(BinaryFunction.Mul, x, y), a.Times(b));
            case 7:
                return (new Expr.Binary(BinaryFunction.Div, x, new Expr.Const(Pick([-2.0, 0.5, 2, 4]))), new(2 * a.Largest, a.Places + 2));
            case 8:
                (Expr z, Magnitude c) = Expression(arguments, random.Next(depth));
                return (new Expr.Select(z, x, y), c.IsExact ? Magnitude.Union(a, b) : c);
            default:
                return (new Expr.Binary(Pick([BinaryFunction.Add, BinaryFunction.Sub]), x, y), Magnitude.Union(a, b).Times(2));
        }
    }

    private static bool HasArgument(Expr expression) => expression is Expr.Arg || expression.Children.Any(HasArgument);

    /// <summary>A bound of a value: magnitudes up to <paramref name="Largest"/>, multiples of 2^−<paramref name="Places"/>.</summary>
    private readonly record struct Magnitude(double Largest, int Places)
    {
        public bool IsExact => Math.Log2(Largest) + Places <= Bits;

        public static Magnitude Union(Magnitude x, Magnitude y) => new(Math.Max(x.Largest, y.Largest), Math.Max(x.Places, y.Places));

        public Magnitude Times(Magnitude other) => new(Largest * other.Largest, Places + other.Places);

        public Magnitude Times(double count) => this with { Largest = Largest * count };
    }
}
