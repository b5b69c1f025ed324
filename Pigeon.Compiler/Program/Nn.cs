using Pigeon.Kernels;

namespace Pigeon.Compiler;

/// <summary>Functions of the field, written over the operators. They add nothing that the operators can't say.</summary>
public static class Nn
{
    /// <summary>max(x, 0).</summary>
    public static Value Relu(Value x) => x.Binary(BinaryFunction.Max, 0);

    /// <summary>x where x &gt; 0, else <paramref name="slope"/>·x.</summary>
    public static Value LeakyRelu(Value x, double slope) => x.Map(new Expr.Select(
        new Expr.Binary(BinaryFunction.Less, new Expr.Const(0), new Expr.Arg(0)),
        new Expr.Arg(0),
        new Expr.Binary(BinaryFunction.Mul, new Expr.Const(slope), new Expr.Arg(0))));

    /// <summary>x·Φ(x) = x/2·(1 + erf(x/√2)), the exact form (Hendrycks and Gimpel 2016).</summary>
    public static Value Gelu(Value x) => x.Map(new Expr.Binary(BinaryFunction.Mul,
        new Expr.Binary(BinaryFunction.Mul, new Expr.Const(0.5), new Expr.Arg(0)),
        new Expr.Binary(BinaryFunction.Add, new Expr.Const(1), new Expr.Unary(UnaryFunction.Erf,
            new Expr.Binary(BinaryFunction.Mul, new Expr.Const(Math.Sqrt(0.5)), new Expr.Arg(0))))));

    /// <summary>1 / (1 + e^−x).</summary>
    public static Value Sigmoid(Value x) => x.Unary(UnaryFunction.Sigmoid);

    /// <summary>
    /// Softmax over the elements that map to the same row, column by column. The largest element is subtracted first, so
    /// that no logit overflows.
    /// </summary>
    /// <param name="logits">A value on the map's source.</param>
    /// <param name="over">The map whose fibres are normalised: <c>dst</c> for attention over all in-edges, <c>pair(etype,
    /// dst)</c> for attention within each relation.</param>
    public static Value EdgeSoftmax(Value logits, Map over)
    {
        // exp(l − max): shifting by the maximum does not change the result, so no gradient flows through it.
        Expr shift = new Expr.Binary(BinaryFunction.Sub, new Expr.Arg(0), new Expr.Unary(UnaryFunction.Detach, new Expr.Arg(1)));
        Value largest = logits.Reduce(over, ReduceKind.Max).At(over);
        Value shifted = logits.Builder.Pointwise(new Expr.Unary(UnaryFunction.Exp, shift), logits, largest);
        return shifted / shifted.Sum(over).At(over);
    }

    /// <summary>For every row of a map's target, the number of elements that map to it.</summary>
    public static Value Count(ProgramBuilder builder, Map map) => builder.Constant(1, map.From).Sum(map);

    /// <summary>The dot product of two values over their last axis, which stays with extent 1.</summary>
    public static Value Dot(Value x, Value y) => (x * y).RowReduce(ReduceKind.Sum, Math.Max(x.Type.Row.Rank, y.Type.Row.Rank) - 1);
}
