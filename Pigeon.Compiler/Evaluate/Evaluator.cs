using System.Numerics;
using System.Numerics.Tensors;
using Pigeon.Kernels;

namespace Pigeon.Compiler;

/// <summary>
/// Runs any program one operator at a time, each over whole arrays: no fusion, no specialisation, one thread. At
/// <see cref="double"/> it is the living definition of the operators, which every kernel is compared with; at
/// <see cref="float"/> it is what a program costs without a compiler.
/// </summary>
/// <typeparam name="T">The arithmetic: <see cref="double"/> or <see cref="float"/>.</typeparam>
public sealed partial class Evaluator<T>
    where T : struct, IBinaryFloatingPointIeee754<T>
{
    private readonly GraphBinding graph;
    private readonly Program program;
    private readonly T[]?[] values;

    private Evaluator(Program program, GraphBinding graph)
    {
        this.program = program;
        this.graph = graph;
        values = new T[]?[program.Values.Length];
    }

    /// <summary>Evaluates a program.</summary>
    /// <param name="program">The program.</param>
    /// <param name="graph">Sizes and index arrays.</param>
    /// <param name="inputs">Inputs and weights by name; rows in order, each row in C order.</param>
    /// <param name="stored">
    /// What a number of a value, given by the value's index in the program, becomes where it is kept, such as <see cref="Plan.Stored"/>; null
    /// for itself.
    /// </param>
    /// <returns>The outputs by name.</returns>
    /// <exception cref="PigeonException">PG0120: a value is missing or has a wrong length. PG02xx: the graph does not fit.</exception>
    public static IReadOnlyDictionary<string, T[]> Run(Program program, GraphBinding graph, IReadOnlyDictionary<string, T[]> inputs,
        Func<int, T, T>? stored = null)
    {
        var evaluator = new Evaluator<T>(program, graph);
        int[] lastUse = EvaluationMemory.LastUses(program);
        for (int i = 0; i < program.Values.Length; i++)
        {
            T[] value = evaluator.Evaluate(i, inputs);
            int id = i;
            evaluator.values[i] = stored is null ? value : Array.ConvertAll(value, number => stored(id, number));
            foreach (int operand in program.Values[i].Operands)
            {
                if (lastUse[operand] == i)
                {
                    evaluator.values[operand] = null;
                }
            }
        }

        return program.Outputs.ToDictionary(o => o.Name, o => evaluator.values[o.Value]!);
    }

    private int Rows(int id) => graph.SizeOf(program.Types[id].Space);

    private int Width(int id) => (int)program.Types[id].Row.Width;

    private T[] New(int id)
    {
        long length = (long)Rows(id) * Width(id);
        return length <= Array.MaxLength
            ? new T[length]
            : throw new PigeonException("PG0121", $"%{id} : {program.Types[id]} has {length} elements, more than one array holds", program.Name,
                "run the compiled program instead");
    }

    private T[] Evaluate(int id, IReadOnlyDictionary<string, T[]> inputs) => program.Values[id] switch
    {
        Operator.Input op => Given(id, op.Name, inputs),
        Operator.Weight op => Given(id, op.Name, inputs),
        Operator.Constant op => Filled(id, T.CreateChecked(op.Value)),
        Operator.Uniform op => Uniform(id, op),
        Operator.TypedLinear op => Linear(id, op),
        Operator.OuterSum op => Outer(id, op),
        Operator.Gather op => Gather(id, op),
        Operator.Reduce op => Reduce(id, op),
        Operator.Pointwise op => Pointwise(id, op),
        Operator.RowReduce op => RowReduce(id, op),
        Operator.Reshape op => values[op.X]!,
        Operator.Regroup op => values[op.X]!,
        Operator.Transpose op => Strided(id, op.X, Permuted(op), 0),
        Operator.Slice op => Strided(id, op.X, Strides(program.Types[op.X].Row), op.Start * Strides(program.Types[op.X].Row)[op.Axis]),
        Operator.Concat op => Concat(id, op),
        var op => throw new InvalidOperationException($"no evaluation for {op.GetType().Name}"),
    };

    private T[] Given(int id, string name, IReadOnlyDictionary<string, T[]> inputs)
    {
        long length = (long)Rows(id) * Width(id);
        return inputs.TryGetValue(name, out T[]? value) && value.Length == length
            ? value
            : throw new PigeonException("PG0120", value is null ? "no value was given" : $"{value.Length} elements were given, not {length}",
                $"{name} : {program.Types[id]}");
    }

    private T[] Filled(int id, T value)
    {
        T[] y = New(id);
        Array.Fill(y, value);
        return y;
    }

    private T[] Uniform(int id, Operator.Uniform op)
    {
        ulong key = CounterRandom.Key((uint)op.Stream, float.CreateChecked(values[op.Seed]![0]), float.CreateChecked(values[op.Seed]![1]));
        T[] y = New(id);
        for (int i = 0; i < y.Length; i++)
        {
            y[i] = T.CreateChecked(CounterRandom.Uniform(key, (ulong)i));
        }

        return y;
    }

    private T[] Linear(int id, Operator.TypedLinear op)
    {
        T[] x = values[op.X]!;
        T[] w = values[op.W]!;
        T[] y = New(id);
        Shape rowX = program.Types[op.X].Row;
        Shape rowW = program.Types[op.W].Row;
        int blocks = rowW.Rank == 3 ? rowW[0] : 1;
        int k = rowX[^1];
        int n = program.Types[id].Row[^1];
        int lead = (int)(rowX.Width / k / blocks);
        int[] type = graph.Resolve(op.Type).Values;
        for (int i = 0; i < type.Length; i++)
        {
            for (int b = 0; b < blocks; b++)
            {
                ReadOnlySpan<T> slice = w.AsSpan(((type[i] * blocks) + b) * k * n, k * n);
                for (int m = 0; m < lead; m++)
                {
                    int row = (((i * blocks) + b) * lead) + m;
                    ReadOnlySpan<T> from = x.AsSpan(row * k, k);
                    Span<T> to = y.AsSpan(row * n, n);
                    for (int j = 0; j < (op.Transposed ? n : k); j++)
                    {
                        if (op.Transposed)
                        {
                            // Sums begin at +0, as everywhere.
                            to[j] = T.Zero + TensorPrimitives.Dot(from, slice.Slice(j * k, k));
                        }
                        else
                        {
                            TensorPrimitives.MultiplyAdd(slice.Slice(j * n, n), from[j], to, to);
                        }
                    }
                }
            }
        }

        return y;
    }

    private T[] Outer(int id, Operator.OuterSum op)
    {
        T[] x = values[op.X]!;
        T[] y = values[op.Y]!;
        T[] w = New(id);
        Shape rowX = program.Types[op.X].Row;
        int blocks = op.Blocks ? rowX[0] : 1;
        int k = rowX[^1];
        int n = program.Types[op.Y].Row[^1];
        int lead = (int)(rowX.Width / k / blocks);
        int[] type = graph.Resolve(op.Type).Values;
        for (int i = 0; i < type.Length; i++)
        {
            for (int b = 0; b < blocks; b++)
            {
                for (int m = 0; m < lead; m++)
                {
                    int row = (((i * blocks) + b) * lead) + m;
                    for (int j = 0; j < k; j++)
                    {
                        Span<T> to = w.AsSpan(((((type[i] * blocks) + b) * k) + j) * n, n);
                        TensorPrimitives.MultiplyAdd(y.AsSpan(row * n, n), x[(row * k) + j], to, to);
                    }
                }
            }
        }

        return w;
    }

    private T[] Gather(int id, Operator.Gather op)
    {
        T[] y = New(id);
        int width = Width(id);
        int[] rows = graph.Resolve(op.Map).Values;
        for (int i = 0; i < rows.Length; i++)
        {
            values[op.X].AsSpan(rows[i] * width, width).CopyTo(y.AsSpan(i * width));
        }

        return y;
    }

    private T[] Concat(int id, Operator.Concat op)
    {
        T[] y = New(id);
        int inner = (int)Shape.Of([.. program.Types[id].Row.Extents.Items[(op.Axis + 1)..]]).Width;
        int chunk = program.Types[id].Row[op.Axis] * inner;
        int start = 0;
        foreach (int part in op.Parts)
        {
            int length = program.Types[part].Row[op.Axis] * inner;
            for (int i = 0; i < y.Length / chunk; i++)
            {
                values[part].AsSpan(i * length, length).CopyTo(y.AsSpan((i * chunk) + start));
            }

            start += length;
        }

        return y;
    }

    private T[] Pointwise(int id, Operator.Pointwise op)
    {
        Shape row = program.Types[id].Row;
        T[][] arguments = [.. op.Arguments.Select(a => Broadcast(a, row))];
        return Apply(op.Expression, arguments, Rows(id) * Width(id));
    }

    private T[] Broadcast(int id, Shape row)
    {
        Shape own = program.Types[id].Row;
        int[] strides = Strides(own);
        int missing = row.Rank - own.Rank;
        int[] stretched = [.. Enumerable.Range(0, row.Rank).Select(a => a < missing || own[a - missing] == 1 ? 0 : strides[a - missing])];
        return own == row ? values[id]! : Strided(Rows(id), row, values[id]!, (int)own.Width, stretched, 0);
    }

    private static T[] Apply(Expr expression, T[][] arguments, int length)
    {
        if (expression is Expr.Arg arg)
        {
            return arguments[arg.Position];
        }

        var y = new T[length];
        switch (expression)
        {
            case Expr.Const c:
                Array.Fill(y, T.CreateChecked(c.Value));
                break;
            case Expr.Unary u:
                Unary(u.Function, Apply(u.X, arguments, length), y);
                break;
            case Expr.Binary { Y: Expr.Const constant } b:
                Binary(b.Function, Apply(b.X, arguments, length), T.CreateChecked(constant.Value), y);
                break;
            case Expr.Binary b:
                Binary(b.Function, Apply(b.X, arguments, length), Apply(b.Y, arguments, length), y);
                break;
            case Expr.Select s:
                T[] condition = Apply(s.Condition, arguments, length);
                T[] whenTrue = Apply(s.X, arguments, length);
                T[] whenFalse = Apply(s.Y, arguments, length);
                for (int i = 0; i < length; i++)
                {
                    y[i] = condition[i] != T.Zero ? whenTrue[i] : whenFalse[i];
                }

                break;
            default:
                throw new InvalidOperationException($"no evaluation for {expression.GetType().Name}");
        }

        return y;
    }

    private static void Unary(UnaryFunction function, ReadOnlySpan<T> x, Span<T> y)
    {
        switch (function)
        {
            case UnaryFunction.Detach: x.CopyTo(y); break;
            case UnaryFunction.Neg: TensorPrimitives.Negate(x, y); break;
            case UnaryFunction.Abs: TensorPrimitives.Abs(x, y); break;
            case UnaryFunction.Exp: TensorPrimitives.Exp(x, y); break;
            case UnaryFunction.Log: TensorPrimitives.Log(x, y); break;
            case UnaryFunction.Sqrt: TensorPrimitives.Sqrt(x, y); break;
            case UnaryFunction.Sin: TensorPrimitives.Sin(x, y); break;
            case UnaryFunction.Cos: TensorPrimitives.Cos(x, y); break;
            case UnaryFunction.Tanh: TensorPrimitives.Tanh(x, y); break;
            case UnaryFunction.Sigmoid: TensorPrimitives.Sigmoid(x, y); break;
            case UnaryFunction.Floor: TensorPrimitives.Floor(x, y); break;
            case UnaryFunction.Round: TensorPrimitives.Round(x, y); break;
            case UnaryFunction.Erf:
                for (int i = 0; i < x.Length; i++)
                {
                    y[i] = T.CreateChecked(ErrorFunction.Erf(double.CreateChecked(x[i])));
                }

                break;
            default: throw new InvalidOperationException($"no evaluation for {function}");
        }
    }

    private static void Binary(BinaryFunction function, T[] x, T[] y, T[] z)
    {
        switch (function)
        {
            case BinaryFunction.Add: TensorPrimitives.Add<T>(x, y, z); break;
            case BinaryFunction.Sub: TensorPrimitives.Subtract<T>(x, y, z); break;
            case BinaryFunction.Mul: TensorPrimitives.Multiply<T>(x, y, z); break;
            case BinaryFunction.Div: TensorPrimitives.Divide<T>(x, y, z); break;
            case BinaryFunction.Max: TensorPrimitives.Max<T>(x, y, z); break;
            case BinaryFunction.Min: TensorPrimitives.Min<T>(x, y, z); break;
            default:
                for (int i = 0; i < z.Length; i++)
                {
                    z[i] = Compare(function, x[i], y[i]);
                }

                break;
        }
    }

    private static void Binary(BinaryFunction function, T[] x, T y, T[] z)
    {
        switch (function)
        {
            case BinaryFunction.Add: TensorPrimitives.Add(x, y, z); break;
            case BinaryFunction.Sub: TensorPrimitives.Subtract(x, y, z); break;
            case BinaryFunction.Mul: TensorPrimitives.Multiply(x, y, z); break;
            case BinaryFunction.Div: TensorPrimitives.Divide(x, y, z); break;
            case BinaryFunction.Max: TensorPrimitives.Max(x, y, z); break;
            case BinaryFunction.Min: TensorPrimitives.Min(x, y, z); break;
            default:
                for (int i = 0; i < z.Length; i++)
                {
                    z[i] = Compare(function, x[i], y);
                }

                break;
        }
    }

    private static T Compare(BinaryFunction function, T x, T y) => function switch
    {
        BinaryFunction.Less => x < y ? T.One : T.Zero,
        BinaryFunction.Equal => x == y ? T.One : T.Zero,
        _ => throw new InvalidOperationException($"no evaluation for {function}"),
    };

    private T[] Strided(int id, int x, int[] strides, int start) =>
        Strided(Rows(id), program.Types[id].Row, values[x]!, Width(x), strides, start);

    private static T[] Strided(int rows, Shape row, T[] x, int width, int[] strides, int start)
    {
        int[] offsets = Offsets([.. row.Extents], strides);
        var y = new T[rows * offsets.Length];
        for (int i = 0; i < rows; i++)
        {
            ReadOnlySpan<T> from = x.AsSpan(i * width, width);
            Span<T> to = y.AsSpan(i * offsets.Length, offsets.Length);
            for (int j = 0; j < offsets.Length; j++)
            {
                to[j] = from[start + offsets[j]];
            }
        }

        return y;
    }

    private static int[] Strides(Shape row)
    {
        int[] strides = new int[row.Rank];
        int stride = 1;
        for (int axis = row.Rank - 1; axis >= 0; axis--)
        {
            strides[axis] = stride;
            stride *= row[axis];
        }

        return strides;
    }

    private int[] Permuted(Operator.Transpose op)
    {
        int[] strides = Strides(program.Types[op.X].Row);
        return [.. op.Axes.Select(a => strides[a])];
    }

    private static int[] Offsets(int[] extents, int[] strides)
    {
        int[] offsets = [0];
        for (int axis = 0; axis < extents.Length; axis++)
        {
            int stride = strides[axis];
            int extent = extents[axis];
            offsets = [.. offsets.SelectMany(o => Enumerable.Range(0, extent).Select(e => o + (e * stride)))];
        }

        return offsets;
    }
}
