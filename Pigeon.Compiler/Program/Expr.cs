using System.Globalization;

namespace Pigeon.Compiler;

/// <summary>Functions of one number.</summary>
public enum UnaryFunction
{
    /// <summary>−x.</summary>
    Neg,

    /// <summary>|x|.</summary>
    Abs,

    /// <summary>e^x.</summary>
    Exp,

    /// <summary>Natural logarithm.</summary>
    Log,

    /// <summary>Square root.</summary>
    Sqrt,

    /// <summary>Sine.</summary>
    Sin,

    /// <summary>Cosine.</summary>
    Cos,

    /// <summary>Hyperbolic tangent.</summary>
    Tanh,

    /// <summary>1 / (1 + e^−x).</summary>
    Sigmoid,

    /// <summary>The error function.</summary>
    Erf,

    /// <summary>The largest integer not above x.</summary>
    Floor,

    /// <summary>The nearest integer, ties to even.</summary>
    Round,

    /// <summary>x itself, but with derivative 0: for what a gradient must not flow through.</summary>
    Detach,
}

/// <summary>Functions of two numbers. Comparisons give 1 or 0.</summary>
public enum BinaryFunction
{
    /// <summary>x + y.</summary>
    Add,

    /// <summary>x − y.</summary>
    Sub,

    /// <summary>x · y.</summary>
    Mul,

    /// <summary>x / y.</summary>
    Div,

    /// <summary>The larger.</summary>
    Max,

    /// <summary>The smaller.</summary>
    Min,

    /// <summary>1 where x &lt; y, else 0.</summary>
    Less,

    /// <summary>1 where x = y, else 0.</summary>
    Equal,
}

/// <summary>
/// The expression of a <see cref="Operator.Pointwise"/>: a tree over the operands' elements. Arithmetic is IEEE 754 in the
/// value's precision; a compiled kernel may contract <c>a·b + c</c> and never reassociates inside an expression.
/// Text form, loosest binding first:
/// <code>
/// expr  := sum
/// sum   := term (('+' | '-') term)*
/// term  := atom (('*' | '/') atom)*
/// atom  := '$' INT | NUMBER | '(' expr ')' | '-' atom | NAME '(' expr (',' expr)* ')'
/// </code>
/// with <c>$i</c> the i-th operand and NAME a function in lower case, or <c>select(c, a, b)</c>: a where c ≠ 0, else b.
/// </summary>
public abstract record Expr
{
    private Expr()
    {
    }

    /// <summary>The element of operand <paramref name="Position"/>.</summary>
    public sealed record Arg(int Position) : Expr;

    /// <summary>A constant.</summary>
    public sealed record Const(double Value) : Expr;

    /// <summary>A function of one number.</summary>
    public sealed record Unary(UnaryFunction Function, Expr X) : Expr;

    /// <summary>A function of two numbers.</summary>
    public sealed record Binary(BinaryFunction Function, Expr X, Expr Y) : Expr;

    /// <summary><paramref name="X"/> where the condition is not 0, else <paramref name="Y"/>.</summary>
    public sealed record Select(Expr Condition, Expr X, Expr Y) : Expr;

    /// <summary>Rebuilds the tree with every operand replaced.</summary>
    public Expr Substitute(Func<int, Expr> replacement) => this switch
    {
        Arg a => replacement(a.Position),
        Unary u => u with { X = u.X.Substitute(replacement) },
        Binary b => b with { X = b.X.Substitute(replacement), Y = b.Y.Substitute(replacement) },
        Select s => new Select(s.Condition.Substitute(replacement), s.X.Substitute(replacement), s.Y.Substitute(replacement)),
        _ => this,
    };

    /// <summary>The direct sub-expressions.</summary>
    public IEnumerable<Expr> Children => this switch
    {
        Unary u => [u.X],
        Binary b => [b.X, b.Y],
        Select s => [s.Condition, s.X, s.Y],
        _ => [],
    };

    /// <inheritdoc/>
    public sealed override string ToString() => Print(this, 0);

    private static string Print(Expr expr, int binding)
    {
        (string text, int own) = expr switch
        {
            Arg a => ($"${a.Position.ToString(CultureInfo.InvariantCulture)}", 3),
            Const c => (c.Value.ToString("R", CultureInfo.InvariantCulture), c.Value < 0 ? 0 : 3),
            Binary { Function: BinaryFunction.Add } b => ($"{Print(b.X, 1)} + {Print(b.Y, 2)}", 1),
            Binary { Function: BinaryFunction.Sub } b => ($"{Print(b.X, 1)} - {Print(b.Y, 2)}", 1),
            Binary { Function: BinaryFunction.Mul } b => ($"{Print(b.X, 2)} * {Print(b.Y, 3)}", 2),
            Binary { Function: BinaryFunction.Div } b => ($"{Print(b.X, 2)} / {Print(b.Y, 3)}", 2),
            Binary b => ($"{Name(b.Function)}({Print(b.X, 0)}, {Print(b.Y, 0)})", 3),
            Unary u => ($"{Name(u.Function)}({Print(u.X, 0)})", 3),
            Select s => ($"select({Print(s.Condition, 0)}, {Print(s.X, 0)}, {Print(s.Y, 0)})", 3),
            _ => throw new InvalidOperationException(),
        };
        return own < binding ? $"({text})" : text;
    }

    private static string Name<T>(T function)
        where T : struct, Enum => function.ToString().ToLowerInvariant();
}
