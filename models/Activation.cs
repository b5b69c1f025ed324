using Pigeon.Compiler;

namespace Pigeon.Models;

/// <summary>What stands between the layers of a model; never after the last.</summary>
public enum Activation
{
    /// <summary>max(x, 0).</summary>
    Relu,

    /// <summary>x where x &gt; 0, else e^x − 1 (Clevert 2016).</summary>
    Elu,

    /// <summary>x·Φ(x), the exact form.</summary>
    Gelu,

    /// <summary>tanh x.</summary>
    Tanh,

    /// <summary>x.</summary>
    None,
}

/// <summary>The activations as expressions.</summary>
internal static class Activations
{
    /// <summary>max(x, 0) + (e^min(x, 0) − 1): no branch, and nothing overflows.</summary>
    private static readonly Expr Elu = new Expr.Binary(BinaryFunction.Add,
        new Expr.Binary(BinaryFunction.Max, new Expr.Arg(0), new Expr.Const(0)),
        new Expr.Binary(BinaryFunction.Sub,
            new Expr.Unary(UnaryFunction.Exp, new Expr.Binary(BinaryFunction.Min, new Expr.Arg(0), new Expr.Const(0))),
            new Expr.Const(1)));

    public static Value Apply(this Activation activation, Value x) => activation switch
    {
        Activation.Relu => Nn.Relu(x),
        Activation.Elu => x.Map(Elu),
        Activation.Gelu => Nn.Gelu(x),
        Activation.Tanh => x.Unary(UnaryFunction.Tanh),
        Activation.None => x,
        _ => throw new ArgumentOutOfRangeException(nameof(activation)),
    };
}
