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

    /// <summary>
    /// x·Φ(x) = x/2·(1 + erf(x/√2)), the exact form (Hendrycks and Gimpel 2016). Φ(x) is a value of its own: the gradient needs it too.
    /// </summary>
    public static Value Gelu(Value x) => x * x.Map(new Expr.Binary(BinaryFunction.Mul,
        new Expr.Const(0.5),
        new Expr.Binary(BinaryFunction.Add, new Expr.Const(1), new Expr.Unary(UnaryFunction.Erf,
            new Expr.Binary(BinaryFunction.Mul, new Expr.Const(Math.Sqrt(0.5)), new Expr.Arg(0))))));

    /// <summary>1 / (1 + e^−x).</summary>
    public static Value Sigmoid(Value x) => x.Unary(UnaryFunction.Sigmoid);

    /// <summary>Softmax over one axis of each row. The largest element is subtracted first, so that no logit overflows.</summary>
    public static Value Softmax(Value x, int axis)
    {
        Expr shift = new Expr.Binary(BinaryFunction.Sub, new Expr.Arg(0), new Expr.Unary(UnaryFunction.Detach, new Expr.Arg(1)));
        Value shifted = x.Builder.Pointwise(new Expr.Unary(UnaryFunction.Exp, shift), x, x.RowReduce(ReduceKind.Max, axis));
        return shifted / shifted.RowReduce(ReduceKind.Sum, axis);
    }

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

    /// <summary>
    /// Dropout (Srivastava et al. 2014): each element becomes 0 with probability <paramref name="rate"/>, the others are scaled by
    /// 1 / (1 − rate). Forward and backward draw the same numbers, so no mask is stored.
    /// </summary>
    /// <param name="x">The value.</param>
    /// <param name="rate">From 0 (nothing is dropped) below 1.</param>
    /// <param name="seed">An input <c>one[2]</c>; give it other numbers for every step.</param>
    /// <param name="stream">Another number for every dropout of a program.</param>
    public static Value Dropout(Value x, double rate, Value seed, int stream)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rate);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(rate, 1);
        Value drawn = x.Builder.Uniform(seed, stream, x.Type.Space, [.. x.Type.Row.Extents]);
        return rate == 0 ? x : x.Builder.Pointwise(new Expr.Select(
            new Expr.Binary(BinaryFunction.Less, new Expr.Arg(1), new Expr.Const(rate)),
            new Expr.Const(0),
            new Expr.Binary(BinaryFunction.Mul, new Expr.Arg(0), new Expr.Const(1 / (1 - rate)))), x, drawn);
    }

    /// <summary>
    /// Edge dropout (Schlichtkrull et al. 2018): each row, as a whole, becomes 0 with probability <paramref name="rate"/>, the others are
    /// scaled by 1 / (1 − rate). One random number decides for a row, the same in forward and backward, and it is a factor of the row:
    /// a product with a weight may still be taken after the rows are summed.
    /// </summary>
    /// <param name="messages">A value with a row for each edge.</param>
    /// <param name="rate">From 0 (nothing is dropped) below 1.</param>
    /// <param name="seed">An input <c>one[2]</c>; give it other numbers for every step.</param>
    /// <param name="stream">Another number for every dropout of a program.</param>
    public static Value EdgeDropout(Value messages, double rate, Value seed, int stream)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rate);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(rate, 1);
        if (rate == 0)
        {
            return messages;
        }

        Value drawn = messages.Builder.Uniform(seed, stream, messages.Type.Space, [.. messages.Type.Row.Extents.Items.Select(_ => 1)]);
        return messages * drawn.Map(new Expr.Select(
            new Expr.Binary(BinaryFunction.Less, new Expr.Arg(0), new Expr.Const(rate)),
            new Expr.Const(0),
            new Expr.Const(1 / (1 - rate))));
    }

    /// <summary>
    /// Layer normalisation (Ba et al. 2016) over the last axis: <c>(x − mean) / √(variance + ε) · scale + shift</c>.
    /// </summary>
    public static Value LayerNorm(Value x, Value scale, Value shift, double epsilon = 1e-5)
    {
        int axis = x.Type.Row.Rank - 1;
        Value centred = x - x.RowReduce(ReduceKind.Mean, axis);
        Value variance = (centred * centred).RowReduce(ReduceKind.Mean, axis);
        return centred / (variance + epsilon).Unary(UnaryFunction.Sqrt) * scale + shift;
    }

    /// <summary>
    /// Batch normalisation (Ioffe and Szegedy 2015) over all rows of the value's space, with the statistics of these rows:
    /// <c>(x − mean) / √(variance + ε) · scale + shift</c>, the variance divided by the number of rows.
    /// </summary>
    public static Value BatchNorm(Value x, Value scale, Value shift, double epsilon = 1e-5)
    {
        Map all = new Map.Unit(x.Type.Space);
        Value centred = x - x.Reduce(all, ReduceKind.Mean);
        Value variance = (centred * centred).Reduce(all, ReduceKind.Mean);
        return centred / (variance + epsilon).Unary(UnaryFunction.Sqrt) * scale + shift;
    }

    /// <summary>For every row of a map's target, the number of elements that map to it.</summary>
    public static Value Count(ProgramBuilder builder, Map map) => builder.Constant(1, map.From).Sum(map);

    /// <summary>The dot product of two values over their last axis, which stays with extent 1.</summary>
    public static Value Dot(Value x, Value y) => (x * y).RowReduce(ReduceKind.Sum, Math.Max(x.Type.Row.Rank, y.Type.Row.Rank) - 1);
}
