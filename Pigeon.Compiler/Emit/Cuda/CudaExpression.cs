namespace Pigeon.Compiler;

/// <summary>The CUDA C++ of an expression of single precision numbers.</summary>
internal static class CudaExpression
{
    private const int LargestExactInteger = 1 << 24;

    /// <summary>A number.</summary>
    public static Code Constant(double value)
    {
        float number = (float)value;
        Code text = number switch
        {
            float.PositiveInfinity => Code.Of($"PG_INF"),
            float.NegativeInfinity => Code.Of($"-PG_INF"),
            _ when number == MathF.Truncate(number) && MathF.Abs(number) < LargestExactInteger => Code.Of($"{(int)number}.0f"),
            _ => Code.Of($"{number}"),
        };
        return number < 0 ? Code.Of($"({text})") : text;
    }

    /// <summary>The class of a reduction.</summary>
    public static Code Reduction(ReduceKind kind) => kind switch
    {
        ReduceKind.Max => Code.Of($"PgMax"),
        ReduceKind.Min => Code.Of($"PgMin"),
        ReduceKind.Prod => Code.Of($"PgProd"),
        _ => Code.Of($"PgSum"),
    };

    /// <summary>An accumulator joined with an expression; a product is fused into a sum.</summary>
    public static Code Combine(ReduceKind kind, Code accumulator, Expr expression, Func<int, Code> argument) => kind switch
    {
        ReduceKind.Sum or ReduceKind.Mean when expression is Expr.Binary { Function: BinaryFunction.Mul } product =>
            Code.Of($"fmaf({Evaluate(product.X, argument)}, {Evaluate(product.Y, argument)}, {accumulator})"),
        _ => Code.Of($"{Reduction(kind)}::join({accumulator}, {Evaluate(expression, argument)})"),
    };

    /// <summary>An expression, given the code of its arguments.</summary>
    public static Code Evaluate(Expr expression, Func<int, Code> argument)
    {
        return Of(expression);

        Code Of(Expr e) => e switch
        {
            Expr.Arg a => argument(a.Position),
            Expr.Const c => Constant(c.Value),
            Expr.Unary u => Unary(u.Function, Of(u.X)),
            Expr.Binary { Function: BinaryFunction.Add, X: Expr.Binary { Function: BinaryFunction.Mul } p } b =>
                Code.Of($"fmaf({Of(p.X)}, {Of(p.Y)}, {Of(b.Y)})"),
            Expr.Binary b => Binary(b.Function, Of(b.X), Of(b.Y)),
            Expr.Select s => Code.Of($"({Condition(s.Condition)} ? {Of(s.X)} : {Of(s.Y)})"),
            _ => throw new InvalidOperationException($"no CUDA for {e.GetType().Name}"),
        };

        Code Condition(Expr e) => e switch
        {
            Expr.Binary { Function: BinaryFunction.Less } b => Code.Of($"{Of(b.X)} < {Of(b.Y)}"),
            Expr.Binary { Function: BinaryFunction.Equal } b => Code.Of($"{Of(b.X)} == {Of(b.Y)}"),
            _ => Code.Of($"{Of(e)} != 0.0f"),
        };
    }

    private static Code Binary(BinaryFunction function, Code x, Code y) => function switch
    {
        BinaryFunction.Add => Code.Of($"({x} + {y})"),
        BinaryFunction.Sub => Code.Of($"({x} - {y})"),
        BinaryFunction.Mul => Code.Of($"({x} * {y})"),
        BinaryFunction.Div => Code.Of($"({x} / {y})"),
        BinaryFunction.Max => Code.Of($"pg_max({x}, {y})"),
        BinaryFunction.Min => Code.Of($"pg_min({x}, {y})"),
        BinaryFunction.Less => Code.Of($"({x} < {y} ? 1.0f : 0.0f)"),
        BinaryFunction.Equal => Code.Of($"({x} == {y} ? 1.0f : 0.0f)"),
        _ => throw new InvalidOperationException($"no CUDA for {function}"),
    };

    private static Code Unary(UnaryFunction function, Code x) => function switch
    {
        UnaryFunction.Detach => x,
        UnaryFunction.Neg => Code.Of($"(-({x}))"),
        UnaryFunction.Abs => Code.Of($"fabsf({x})"),
        UnaryFunction.Exp => Code.Of($"expf({x})"),
        UnaryFunction.Log => Code.Of($"logf({x})"),
        UnaryFunction.Sqrt => Code.Of($"sqrtf({x})"),
        UnaryFunction.Sin => Code.Of($"pg_sin({x})"),
        UnaryFunction.Cos => Code.Of($"pg_cos({x})"),
        UnaryFunction.Floor => Code.Of($"floorf({x})"),
        UnaryFunction.Round => Code.Of($"rintf({x})"),
        UnaryFunction.Tanh => Code.Of($"tanhf({x})"),
        UnaryFunction.Sigmoid => Code.Of($"pg_sigmoid({x})"),
        UnaryFunction.Erf => Code.Of($"erff({x})"),
        _ => throw new InvalidOperationException($"no CUDA for {function}"),
    };
}
