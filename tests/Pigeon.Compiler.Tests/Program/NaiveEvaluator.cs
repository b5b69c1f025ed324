using Pigeon.Compiler;
using Pigeon.Kernels;
using Pigeon.Runtime;

namespace Pigeon.Tests;

/// <summary>
/// What a program means, written down a second time: every element of every value by its definition, one after the other, in
/// f64. It shares nothing with the evaluator or the kernels but the program's types and the graph's stored arrays.
/// </summary>
internal sealed class NaiveEvaluator
{
    private readonly Program program;
    private readonly Dictionary<string, int> sizes;
    private readonly Dictionary<string, int[]> arrays;
    private readonly Dictionary<IndexSpace.Distinct, (int First, int Second)[]> pairs = [];
    private readonly Dictionary<IndexSpace.Either, (int, int, int, int)[]> ways = [];
    private readonly List<double[]> values = [];

    public NaiveEvaluator(Program program, HeteroGraph graph)
    {
        this.program = program;
        sizes = new()
        {
            ["Nodes"] = graph.NodeCount,
            ["Edges"] = graph.EdgeCount,
            ["NodeTypes"] = graph.NodeTypes.Length,
            ["EdgeTypes"] = graph.EdgeTypes.Length,
        };
        arrays = new()
        {
            ["src"] = graph.Source.ToArray(),
            ["dst"] = graph.Destination.ToArray(),
            ["etype"] = graph.EdgeTypeOf.ToArray(),
            ["ntype"] = graph.NodeType.ToArray(),
        };
    }

    /// <summary>The outputs by name.</summary>
    public Dictionary<string, double[]> Run(IReadOnlyDictionary<string, double[]> arguments)
    {
        values.Clear();
        for (int id = 0; id < program.Values.Length; id++)
        {
            int[] row = [.. program.Types[id].Row.Extents];
            int width = row.Aggregate(1, (product, extent) => product * extent);
            double[] value = new double[Size(program.Types[id].Space) * width];
            for (int i = 0; i < value.Length; i++)
            {
                value[i] = Element(id, i / width, Unravel(i % width, row), arguments);
            }

            values.Add(value);
        }

        return program.Outputs.ToDictionary(output => output.Name, output => values[output.Value]);
    }

    private double Element(int id, int i, int[] at, IReadOnlyDictionary<string, double[]> arguments)
    {
        int[] row = [.. program.Types[id].Row.Extents];
        switch (program.Values[id])
        {
            case Operator.Input op:
                return arguments[op.Name][Ravel(i, at, row)];
            case Operator.Weight op:
                return arguments[op.Name][Ravel(i, at, row)];
            case Operator.Constant op:
                return op.Value;
            case Operator.Uniform op:
                double[] seed = values[op.Seed];
                return CounterRandom.Uniform(CounterRandom.Key((uint)op.Stream, (float)seed[0], (float)seed[1]), (ulong)Ravel(i, at, row));
            case Operator.TypedLinear op:
                int[] head = at[..^1];
                int[] block = program.Types[op.W].Row.Rank == 3 ? at[..1] : [];
                return Enumerable.Range(0, program.Types[op.X].Row[^1]).Sum(k => Read(op.X, i, [.. head, k]) *
                    Read(op.W, Apply(op.Type, i), op.Transposed ? [.. block, at[^1], k] : [.. block, k, at[^1]]));
            case Operator.OuterSum op:
                int[] shared = [.. program.Types[op.X].Row.Extents.Items[..^1]];
                return Rows(op.Type, i).Sum(e => Coordinates(shared).Where(lead => !op.Blocks || lead[0] == at[0]).Sum(lead =>
                    Read(op.X, e, [.. lead, at[^2]]) * Read(op.Y, e, [.. lead, at[^1]])));
            case Operator.Gather op:
                return Read(op.X, Apply(op.Map, i), at);
            case Operator.Reduce op:
                return Reduce(op.Kind, [.. Rows(op.Map, i).Select(e => Read(op.X, e, at))]);
            case Operator.Pointwise op:
                return Evaluate(op.Expression, [.. op.Arguments.Select(a => Read(a, i, Broadcast(at, program.Types[a].Row)))]);
            case Operator.RowReduce op:
                int[] full = [.. program.Types[op.X].Row.Extents];
                IEnumerable<int[]> reduced = Coordinates(full).Where(c => Enumerable.Range(0, c.Length)
                    .All(a => op.Axes.Contains(a) || c[a] == at[a]));
                return Reduce(op.Kind, [.. reduced.Select(c => Read(op.X, i, c))]);
            case Operator.Reshape op:
                return Read(op.X, i, Unravel(Ravel(0, at, row), [.. program.Types[op.X].Row.Extents]));
            case Operator.Regroup op:
                int flat = Ravel(i, at, row);
                int width = (int)program.Types[op.X].Row.Width;
                return Read(op.X, flat / width, Unravel(flat % width, [.. program.Types[op.X].Row.Extents]));
            case Operator.Transpose op:
                return Read(op.X, i, [.. Enumerable.Range(0, at.Length).Select(a => at[op.Axes.Items.IndexOf(a)])]);
            case Operator.Slice op:
                return Read(op.X, i, [.. at.Select((c, axis) => axis == op.Axis ? c + op.Start : c)]);
            case Operator.Concat op:
                int position = at[op.Axis];
                int part = 0;
                for (; position >= program.Types[op.Parts[part]].Row[op.Axis]; part++)
                {
                    position -= program.Types[op.Parts[part]].Row[op.Axis];
                }

                return Read(op.Parts[part], i, [.. at.Select((c, axis) => axis == op.Axis ? position : c)]);
            default:
                throw new InvalidOperationException($"{program.Values[id].GetType().Name} has no definition here; write one");
        }
    }

    private static double Reduce(ReduceKind kind, double[] numbers) => kind switch
    {
        ReduceKind.Prod => numbers.Aggregate(1.0, (product, x) => product * x),
        _ when numbers.Length == 0 => 0,
        ReduceKind.Sum => numbers.Sum(),
        ReduceKind.Mean => numbers.Sum() / numbers.Length,
        ReduceKind.Max => numbers.Max(),
        ReduceKind.Min => numbers.Min(),
        _ => throw new InvalidOperationException($"{kind} has no definition here; write one"),
    };

    private static double Evaluate(Expr expression, double[] x) => expression switch
    {
        Expr.Arg e => x[e.Position],
        Expr.Const e => e.Value,
        Expr.Unary e => Unary(e.Function, Evaluate(e.X, x)),
        Expr.Binary e => Binary(e.Function, Evaluate(e.X, x), Evaluate(e.Y, x)),
        Expr.Select e => Evaluate(e.Condition, x) != 0 ? Evaluate(e.X, x) : Evaluate(e.Y, x),
        _ => throw new InvalidOperationException($"{expression.GetType().Name} has no definition here; write one"),
    };

    private static double Unary(UnaryFunction function, double x) => function switch
    {
        UnaryFunction.Neg => -x,
        UnaryFunction.Abs => Math.Abs(x),
        UnaryFunction.Exp => Math.Exp(x),
        UnaryFunction.Log => Math.Log(x),
        UnaryFunction.Sqrt => Math.Sqrt(x),
        UnaryFunction.Sin => Math.Sin(x),
        UnaryFunction.Cos => Math.Cos(x),
        UnaryFunction.Tanh => Math.Tanh(x),
        UnaryFunction.Sigmoid => 1 / (1 + Math.Exp(-x)),
        UnaryFunction.Erf => Erf(x),
        UnaryFunction.Floor => Math.Floor(x),
        UnaryFunction.Round => Math.Round(x, MidpointRounding.ToEven),
        UnaryFunction.Detach => x,
        _ => throw new InvalidOperationException($"{function} has no definition here; write one"),
    };

    private static double Binary(BinaryFunction function, double x, double y) => function switch
    {
        BinaryFunction.Add => x + y,
        BinaryFunction.Sub => x - y,
        BinaryFunction.Mul => x * y,
        BinaryFunction.Div => x / y,
        BinaryFunction.Max => Math.Max(x, y),
        BinaryFunction.Min => Math.Min(x, y),
        BinaryFunction.Less => x < y ? 1 : 0,
        BinaryFunction.Equal => x == y ? 1 : 0,
        _ => throw new InvalidOperationException($"{function} has no definition here; write one"),
    };

    /// <summary>2/√π ∫ e^(−t²) from 0 to x, by Simpson's rule.</summary>
    private static double Erf(double x)
    {
        const int steps = 2000;
        double h = x / steps;
        double sum = 1 + Math.Exp(-x * x);
        for (int i = 1; i < steps; i++)
        {
            sum += (i % 2 == 0 ? 2 : 4) * Math.Exp(-(i * h) * (i * h));
        }

        return 2 / Math.Sqrt(Math.PI) * h / 3 * sum;
    }

    private double Read(int id, int i, int[] at) => values[id][Ravel(i, at, [.. program.Types[id].Row.Extents])];

    private int Size(IndexSpace space) => space switch
    {
        IndexSpace.OneSpace => 1,
        IndexSpace.Range s => s.Count,
        IndexSpace.Declared s => sizes[s.Name],
        IndexSpace.Distinct s => Pairs(s).Length,
        IndexSpace.Either s => Ways(s).Length,
        IndexSpace.Product s => Size(s.First) * Size(s.Second),
        IndexSpace.Sorted s => Size(s.By.From),
        _ => throw new InvalidOperationException($"{space.GetType().Name} has no definition here; write one"),
    };

    private int Apply(Map map, int i) => map switch
    {
        Map.Stored { From: IndexSpace.Sorted s } m => arrays[m.Name][Enumerable.Range(0, Size(s)).OrderBy(e => arrays[s.By.Name][e]).ElementAt(i)],
        Map.Stored m => arrays[m.Name][i],
        Map.Identity => i,
        Map.Unit => 0,
        Map.Composed m => Apply(m.Outer, Apply(m.Inner, i)),
        Map.Pair m => Array.IndexOf(Pairs((IndexSpace.Distinct)m.To), (Apply(m.First, i), Apply(m.Second, i))),
        Map.Component m => m.Position == 0 ? Pairs(m.Pairs)[i].First : Pairs(m.Pairs)[i].Second,
        Map.Into m => Array.IndexOf(Ways(m.Ways), Way(m.Ways, i)),
        Map.Via m => Apply(m.Whole, Elements(m.Ways).First(e => Way(m.Ways, e) == Ways(m.Ways)[i])),
        Map.Index m => (Apply(m.First, i) * Size(m.Second.To)) + Apply(m.Second, i),
        _ => throw new InvalidOperationException($"{map.GetType().Name} has no definition here; write one"),
    };

    private (int First, int Second)[] Pairs(IndexSpace.Distinct space) => pairs.TryGetValue(space, out var known)
        ? known
        : pairs[space] = [.. Enumerable.Range(0, Size(space.First.From)).Select(e => (Apply(space.First, e), Apply(space.Second, e)))
            .Distinct().Order()];

    /// <summary>What tells the row of an element: its type and the row on the type's side, and for ways of the other side also its other end and itself.</summary>
    private (int, int, int, int) Way(IndexSpace.Either space, int e)
    {
        int type = Apply(space.Type, e);
        bool byFirst = IsByFirst(space, type);
        (int near, int far) = byFirst ? (Apply(space.First, e), Apply(space.Second, e)) : (Apply(space.Second, e), Apply(space.First, e));
        return space.Part == EitherPart.Pairs || (space.HasAll && byFirst == (space.Part == EitherPart.Firsts)) ? (type, near, -1, -1) : (type, near, far, e);
    }

    private bool IsByFirst(IndexSpace.Either space, int type)
    {
        int[] ofType = [.. Rows(space.Type, type)];
        return ofType.Select(i => Apply(space.First, i)).Distinct().Count() < ofType.Select(i => Apply(space.Second, i)).Distinct().Count();
    }

    private IEnumerable<int> Elements(IndexSpace.Either space) => Enumerable.Range(0, Size(space.Type.From))
        .Where(e => space.HasAll || IsByFirst(space, Apply(space.Type, e)) == (space.Part == EitherPart.ByFirst));

    private (int, int, int, int)[] Ways(IndexSpace.Either space) => ways.TryGetValue(space, out var known)
        ? known
        : ways[space] = [.. Elements(space).Select(e => Way(space, e)).Distinct().Order()];

    private IEnumerable<int> Rows(Map map, int target) => Enumerable.Range(0, Size(map.From)).Where(e => Apply(map, e) == target);

    private static int[] Broadcast(int[] at, Shape row) =>
        [.. Enumerable.Range(0, row.Rank).Select(axis => row[axis] == 1 ? 0 : at[at.Length - row.Rank + axis])];

    private static IEnumerable<int[]> Coordinates(int[] row)
    {
        int count = row.Aggregate(1, (product, extent) => product * extent);
        return Enumerable.Range(0, count).Select(i => Unravel(i, row));
    }

    private static int Ravel(int i, int[] at, int[] row)
    {
        for (int axis = 0; axis < row.Length; axis++)
        {
            i = (i * row[axis]) + at[axis];
        }

        return i;
    }

    private static int[] Unravel(int i, int[] row)
    {
        int[] at = new int[row.Length];
        for (int axis = row.Length - 1; axis >= 0; axis--)
        {
            at[axis] = i % row[axis];
            i /= row[axis];
        }

        return at;
    }
}
