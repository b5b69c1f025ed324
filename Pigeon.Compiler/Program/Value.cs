using Pigeon.Kernels;

namespace Pigeon.Compiler;

/// <summary>
/// A value of a program under construction. Arithmetic reads like the paper's: operators apply element by element, rows
/// broadcast as in numpy, and a value on <see cref="IndexSpace.One"/> stands for itself in every row.
/// </summary>
public readonly struct Value
{
    internal Value(ProgramBuilder builder, int id)
    {
        Builder = builder;
        Id = id;
    }

    /// <summary>The value's number.</summary>
    public int Id { get; }

    /// <summary>The space and the row shape.</summary>
    public RowType Type => Builder.TypeOf(Id);

    internal ProgramBuilder Builder { get; }

    /// <summary>Element-wise sum.</summary>
    public static Value operator +(Value x, Value y) => x.Binary(BinaryFunction.Add, y);

    /// <summary>Element-wise sum with a constant.</summary>
    public static Value operator +(Value x, double y) => x.Binary(BinaryFunction.Add, y);

    /// <summary>Element-wise difference.</summary>
    public static Value operator -(Value x, Value y) => x.Binary(BinaryFunction.Sub, y);

    /// <summary>Difference from a constant.</summary>
    public static Value operator -(double x, Value y) =>
        y.Map(new Expr.Binary(BinaryFunction.Sub, new Expr.Const(x), new Expr.Arg(0)));

    /// <summary>Element-wise product.</summary>
    public static Value operator *(Value x, Value y) => x.Binary(BinaryFunction.Mul, y);

    /// <summary>Product with a constant.</summary>
    public static Value operator *(Value x, double y) => x.Binary(BinaryFunction.Mul, y);

    /// <summary>Element-wise quotient.</summary>
    public static Value operator /(Value x, Value y) => x.Binary(BinaryFunction.Div, y);

    /// <summary>Quotient by a constant.</summary>
    public static Value operator /(Value x, double y) => x.Binary(BinaryFunction.Div, y);

    /// <summary>A constant over the value.</summary>
    public static Value operator /(double x, Value y) =>
        y.Map(new Expr.Binary(BinaryFunction.Div, new Expr.Const(x), new Expr.Arg(0)));

    /// <summary>Applies a function of two numbers.</summary>
    public Value Binary(BinaryFunction function, Value y) =>
        Builder.Pointwise(new Expr.Binary(function, new Expr.Arg(0), new Expr.Arg(1)), this, y);

    /// <summary>Applies a function of two numbers to the value and a constant.</summary>
    public Value Binary(BinaryFunction function, double y) =>
        Map(new Expr.Binary(function, new Expr.Arg(0), new Expr.Const(y)));

    /// <summary>Applies a function of one number.</summary>
    public Value Unary(UnaryFunction function) => Map(new Expr.Unary(function, new Expr.Arg(0)));

    /// <summary>Applies an expression of this value, <c>$0</c>.</summary>
    public Value Map(Expr expression) => Builder.Pointwise(expression, this);

    /// <summary>The value at the image of every element: <c>x[map(i)]</c>.</summary>
    public Value At(Map map) => map is Map.Identity ? this : Builder.Add(new Operator.Gather(Id, map));

    /// <summary>Multiplies every row by the slice of <paramref name="w"/> of its type.</summary>
    public Value Linear(Value w, Map type) => Builder.Add(new Operator.TypedLinear(Id, w.Id, type));

    /// <summary>Multiplies every row by the one slice of <paramref name="w"/>.</summary>
    public Value Linear(Value w) => Linear(w, new Map.Unit(Type.Space));

    /// <summary>Reduces the rows that map to the same row.</summary>
    public Value Reduce(Map map, ReduceKind kind) => Builder.Add(new Operator.Reduce(Id, map, kind));

    /// <summary>Sums the rows that map to the same row.</summary>
    public Value Sum(Map map) => Reduce(map, ReduceKind.Sum);

    /// <summary>Reduces axes of each row, which stay with extent 1.</summary>
    public Value RowReduce(ReduceKind kind, params ReadOnlySpan<int> axes) => Builder.Add(new Operator.RowReduce(Id, kind, [.. axes]));

    /// <summary>The same elements under another row shape.</summary>
    public Value Reshape(params ReadOnlySpan<int> row) =>
        Type.Row == Shape.Of(row) ? this : Builder.Add(new Operator.Reshape(Id, Shape.Of(row)));

    /// <summary>The same elements as rows of another space; see <see cref="Operator.Regroup"/>.</summary>
    public Value Regroup(IndexSpace space, params ReadOnlySpan<int> row) => Builder.Add(new Operator.Regroup(Id, space, Shape.Of(row)));

    /// <summary>Permutes the axes of each row.</summary>
    public Value Transpose(params ReadOnlySpan<int> axes) => Builder.Add(new Operator.Transpose(Id, [.. axes]));

    /// <summary>A range of one axis of each row.</summary>
    public Value Slice(int axis, int start, int length) => Builder.Add(new Operator.Slice(Id, axis, start, length));
}
