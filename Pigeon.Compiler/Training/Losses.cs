using Pigeon.Kernels;

namespace Pigeon.Compiler;

/// <summary>Losses as programs: each is one number, a scalar on <see cref="IndexSpace.One"/>, ready to be differentiated.</summary>
public static class Losses
{
    /// <summary>
    /// Softmax cross-entropy, <c>Σ_i w_i · Σ_c t_ic · (log Σ_k e^{x_ik} − x_ic) / Σ_i w_i</c>, with the rows' maximum subtracted
    /// before the exponential: log softmax does not change when a row is shifted, so no gradient flows through the maximum.
    /// </summary>
    /// <param name="logits">Scores, rows <c>[classes]</c>.</param>
    /// <param name="targets">Probabilities of the classes on the same space, rows <c>[classes]</c>; for labels, one 1 in each row.</param>
    /// <param name="weights">A weight for each row, rows <c>[1]</c>; 0 leaves a row out. Not all may be 0.</param>
    public static Value CrossEntropy(Value logits, Value targets, Value weights)
    {
        Value largest = logits.RowReduce(ReduceKind.Max, 0);
        Expr detached = new Expr.Unary(UnaryFunction.Detach, new Expr.Arg(1));
        Value shifted = logits.Builder.Pointwise(new Expr.Binary(BinaryFunction.Sub, new Expr.Arg(0), detached), logits, largest);
        Value total = shifted.Unary(UnaryFunction.Exp).RowReduce(ReduceKind.Sum, 0).Unary(UnaryFunction.Log);
        Value row = (targets * (total - shifted)).RowReduce(ReduceKind.Sum, 0);
        return WeightedMean(row, weights);
    }

    /// <summary>
    /// Softmax cross-entropy of one right answer among wrong ones, <c>log(e^p + Σ_j e^{n_j}) − p</c>, averaged over all rows: the loss of
    /// a score against sampled negatives.
    /// </summary>
    /// <param name="positive">The score of the right answer, rows <c>[1]</c>.</param>
    /// <param name="negatives">The scores of the wrong ones on the same space, rows <c>[negatives]</c>.</param>
    public static Value SampledCrossEntropy(Value positive, Value negatives)
    {
        Value largest = negatives.RowReduce(ReduceKind.Max, 0).Binary(BinaryFunction.Max, positive).Unary(UnaryFunction.Detach);
        Value others = (negatives - largest).Unary(UnaryFunction.Exp).RowReduce(ReduceKind.Sum, 0);
        Value shifted = positive - largest;
        return Mean((others + shifted.Unary(UnaryFunction.Exp)).Unary(UnaryFunction.Log) - shifted);
    }

    /// <summary>
    /// Binary cross-entropy of logits, <c>max(x, 0) − x·t + log(1 + e^{−|x|})</c>, averaged over all elements: the form that no
    /// logit overflows.
    /// </summary>
    public static Value BinaryCrossEntropy(Value logits, Value targets)
    {
        Expr x = new Expr.Arg(0);
        Expr softplus = new Expr.Unary(UnaryFunction.Log, new Expr.Binary(BinaryFunction.Add, new Expr.Const(1),
            new Expr.Unary(UnaryFunction.Exp, new Expr.Unary(UnaryFunction.Neg, new Expr.Unary(UnaryFunction.Abs, x)))));
        Expr positive = new Expr.Binary(BinaryFunction.Sub, new Expr.Binary(BinaryFunction.Max, x, new Expr.Const(0)),
            new Expr.Binary(BinaryFunction.Mul, x, new Expr.Arg(1)));
        return Mean(logits.Builder.Pointwise(new Expr.Binary(BinaryFunction.Add, positive, softplus), logits, targets));
    }

    /// <summary>The mean of <c>(x − t)²</c> over all elements.</summary>
    public static Value MeanSquaredError(Value x, Value targets)
    {
        Value difference = x - targets;
        return Mean(difference * difference);
    }

    /// <summary>The mean of <c>|x − t|</c> over all elements.</summary>
    public static Value MeanAbsoluteError(Value x, Value targets) => Mean((x - targets).Unary(UnaryFunction.Abs));

    /// <summary>The mean of <c>max(0, margin − (positive − negative))</c>: positives are to score higher by the margin.</summary>
    public static Value MarginRanking(Value positive, Value negative, double margin) =>
        Mean((margin - (positive - negative)).Binary(BinaryFunction.Max, 0));

    /// <summary>The mean over all elements of all rows.</summary>
    public static Value Mean(Value x) => Total(
        x.Type.Row.Rank == 0 ? x : x.RowReduce(ReduceKind.Mean, [.. Enumerable.Range(0, x.Type.Row.Rank)]), ReduceKind.Mean);

    /// <summary>The sum over all elements of all rows.</summary>
    public static Value Sum(Value x) => Total(
        x.Type.Row.Rank == 0 ? x : x.RowReduce(ReduceKind.Sum, [.. Enumerable.Range(0, x.Type.Row.Rank)]), ReduceKind.Sum);

    private static Value WeightedMean(Value rows, Value weights) => Sum(rows * weights) / Sum(weights);

    private static Value Total(Value x, ReduceKind kind) => x.Reshape().Reduce(new Map.Unit(x.Type.Space), kind);
}
