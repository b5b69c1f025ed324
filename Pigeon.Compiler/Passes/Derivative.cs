namespace Pigeon.Compiler;

/// <summary>Derivatives of expressions by rule. Where a function has a corner, the slopes beside it share evenly.</summary>
public static class Derivative
{
    private static readonly Expr Zero = new Expr.Const(0);
    private static readonly Expr One = new Expr.Const(1);

    /// <summary>∂expression / ∂$position; the constant 0 where it does not depend on the operand.</summary>
    public static Expr Of(Expr expression, int position) => expression switch
    {
        Expr.Arg a => a.Position == position ? One : Zero,
        Expr.Const => Zero,
        Expr.Unary u => Times(Of(u), Of(u.X, position)),
        Expr.Binary b => Of(b, Of(b.X, position), Of(b.Y, position)),
        Expr.Select s => Select(s.Condition, Of(s.X, position), Of(s.Y, position)),
        _ => throw new InvalidOperationException($"no derivative for {expression.GetType().Name}"),
    };

    private static Expr Of(Expr.Unary u) => u.Function switch
    {
        UnaryFunction.Neg => new Expr.Const(-1),
        UnaryFunction.Abs => Minus(Less(Zero, u.X), Less(u.X, Zero)),
        UnaryFunction.Exp => u,
        UnaryFunction.Log => Over(One, u.X),
        UnaryFunction.Sqrt => Over(new Expr.Const(0.5), u),
        UnaryFunction.Sin => new Expr.Unary(UnaryFunction.Cos, u.X),
        UnaryFunction.Cos => Minus(Zero, new Expr.Unary(UnaryFunction.Sin, u.X)),
        UnaryFunction.Tanh => Minus(One, Times(u, u)),
        UnaryFunction.Sigmoid => Times(u, Minus(One, u)),

        // d erf x / dx = 2/√π · e^(−x²), Abramowitz and Stegun 7.1.19.
        UnaryFunction.Erf => Times(new Expr.Const(2 / Math.Sqrt(Math.PI)),
            new Expr.Unary(UnaryFunction.Exp, Minus(Zero, Times(u.X, u.X)))),
        UnaryFunction.Floor or UnaryFunction.Round or UnaryFunction.Detach => Zero,
        _ => throw new InvalidOperationException($"no derivative for {u.Function}"),
    };

    private static Expr Of(Expr.Binary b, Expr dx, Expr dy) => b.Function switch
    {
        BinaryFunction.Add => Plus(dx, dy),
        BinaryFunction.Sub => Minus(dx, dy),
        BinaryFunction.Mul => Plus(Times(dx, b.Y), Times(b.X, dy)),
        BinaryFunction.Div => Minus(Over(dx, b.Y), Times(Over(b, b.Y), dy)),
        BinaryFunction.Max => Extreme(Less(b.Y, b.X), b, dx, dy),
        BinaryFunction.Min => Extreme(Less(b.X, b.Y), b, dx, dy),
        BinaryFunction.Less or BinaryFunction.Equal => Zero,
        _ => throw new InvalidOperationException($"no derivative for {b.Function}"),
    };

    private static Expr Extreme(Expr first, Expr.Binary b, Expr dx, Expr dy) => Select(
        new Expr.Binary(BinaryFunction.Equal, b.X, b.Y), Times(new Expr.Const(0.5), Plus(dx, dy)), Select(first, dx, dy));

    private static Expr Less(Expr x, Expr y) => new Expr.Binary(BinaryFunction.Less, x, y);

    private static Expr Select(Expr condition, Expr x, Expr y) => x == y ? x : new Expr.Select(condition, x, y);

    private static Expr Plus(Expr x, Expr y) => x == Zero ? y : y == Zero ? x : new Expr.Binary(BinaryFunction.Add, x, y);

    private static Expr Minus(Expr x, Expr y) => y == Zero ? x : new Expr.Binary(BinaryFunction.Sub, x, y);

    private static Expr Times(Expr x, Expr y) =>
        x == Zero || y == Zero ? Zero : x == One ? y : y == One ? x : new Expr.Binary(BinaryFunction.Mul, x, y);

    private static Expr Over(Expr x, Expr y) => x == Zero ? Zero : y == One ? x : new Expr.Binary(BinaryFunction.Div, x, y);
}
