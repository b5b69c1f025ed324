using System.Collections.Immutable;
using Pigeon.Kernels;

namespace Pigeon.Compiler;

/// <summary>
/// The adjoint rule of every operator: from the gradient of its result, the gradients of its operands, as operators. The
/// gradient of a gather is a reduction along the same map and the other way round, so the set is closed.
/// </summary>
internal static class Adjoint
{
    /// <summary>
    /// The gradients that an operator's result sends to its operands: operand position and gradient. Operands that the caller does
    /// not need get none.
    /// </summary>
    /// <param name="op">The operator.</param>
    /// <param name="y">Its result.</param>
    /// <param name="dy">The gradient of its result.</param>
    /// <param name="operands">Its operands.</param>
    /// <param name="needs">Whether the gradient of an operand is needed.</param>
    public static IEnumerable<(int Operand, Value Gradient)> Of(Operator op, Value y, Value dy, ImmutableArray<Value> operands,
        Func<int, bool> needs)
    {
        switch (op)
        {
            case Operator.TypedLinear linear:
                return Linear(linear, dy, operands, needs);
            case Operator.OuterSum outer:
                return Outer(outer, dy, operands, needs);
            case Operator.Gather gather:
                return [(0, dy.Sum(gather.Map))];
            case Operator.Reduce reduce:
                return [(0, Spread(reduce, operands[0], y, dy))];
            case Operator.Pointwise { Expression: Expr.Unary { Function: UnaryFunction.Exp, X: var exponent } }:
                // The exponential is its own slope: it is there, and an exponential is dear.
                return from i in Enumerable.Range(0, operands.Length)
                       let slope = needs(i) ? Derivative.Of(exponent, i) : new Expr.Const(0)
                       where slope is not Expr.Const { Value: 0 }
                       select (i, Slope(slope, i, dy * y, operands));
            case Operator.Pointwise pointwise:
                return from i in Enumerable.Range(0, operands.Length)
                       let slope = needs(i) ? Derivative.Of(pointwise.Expression, i) : new Expr.Const(0)
                       where slope is not Expr.Const { Value: 0 }
                       select (i, Slope(slope, i, dy, operands));
            case Operator.RowReduce reduce:
                return [(0, Spread(reduce, operands[0], y, dy))];
            case Operator.Reshape:
                return [(0, dy.Reshape([.. operands[0].Type.Row.Extents]))];
            case Operator.Regroup:
                return [(0, dy.Regroup(operands[0].Type.Space, [.. operands[0].Type.Row.Extents]))];
            case Operator.Transpose transpose:
                int[] inverse = new int[transpose.Axes.Count];
                for (int axis = 0; axis < inverse.Length; axis++)
                {
                    inverse[transpose.Axes[axis]] = axis;
                }

                return [(0, dy.Transpose(inverse))];
            case Operator.Slice slice:
                return [(0, Pad(slice, dy, operands[0].Type))];
            case Operator.Concat concat:
                return Parts(concat, dy, operands);
            case Operator.Input or Operator.Weight or Operator.Constant or Operator.Uniform:
                return [];
            default:
                throw new PigeonException("PG0140", $"there is no adjoint rule for {op.GetType().Name}", ProgramPrinter.Print(op));
        }
    }

    private static IEnumerable<(int Operand, Value Gradient)> Linear(Operator.TypedLinear op, Value dy, ImmutableArray<Value> operands,
        Func<int, bool> needs)
    {
        (Value x, Value w) = (operands[0], operands[1]);
        if (needs(0))
        {
            yield return (0, dy.Builder.Add(new Operator.TypedLinear(dy.Id, w.Id, op.Type, !op.Transposed)));
        }

        if (needs(1))
        {
            (Value left, Value right) = op.Transposed ? (dy, x) : (x, dy);
            yield return (1, dy.Builder.Add(new Operator.OuterSum(left.Id, right.Id, op.Type, w.Type.Row.Rank == 3)));
        }
    }

    private static IEnumerable<(int Operand, Value Gradient)> Outer(Operator.OuterSum op, Value dw, ImmutableArray<Value> operands,
        Func<int, bool> needs)
    {
        // w = Σ xᵀy: dx = y·dwᵀ and dy = x·dw.
        if (needs(0))
        {
            yield return (0, dw.Builder.Add(new Operator.TypedLinear(operands[1].Id, dw.Id, op.Type, Transposed: true)));
        }

        if (needs(1))
        {
            yield return (1, dw.Builder.Add(new Operator.TypedLinear(operands[0].Id, dw.Id, op.Type)));
        }
    }

    private static Value Slope(Expr slope, int operand, Value dy, ImmutableArray<Value> operands)
    {
        int n = operands.Length;
        Value gradient = slope switch
        {
            Expr.Const { Value: 1 } => dy,
            Expr.Const { Value: var c } => dy * c,
            _ => dy.Builder.Pointwise(new Expr.Binary(BinaryFunction.Mul, new Expr.Arg(n), slope), [.. operands, dy]),
        };

        // An operand that was repeated along an axis gets the sum over it.
        Shape row = operands[operand].Type.Row;
        Shape full = gradient.Type.Row;
        int missing = full.Rank - row.Rank;
        int[] repeated = [.. Enumerable.Range(0, full.Rank).Where(a => full[a] != 1 && (a < missing || row[a - missing] == 1))];
        Value summed = repeated.Length > 0 ? gradient.RowReduce(ReduceKind.Sum, repeated) : gradient;
        return summed.Reshape([.. row.Extents]);
    }

    private static Value Spread(Operator.Reduce op, Value x, Value y, Value dy) => op.Kind switch
    {
        ReduceKind.Sum => dy.At(op.Map),
        ReduceKind.Mean => (dy * (1 / Nn.Count(dy.Builder, op.Map).Binary(BinaryFunction.Max, 1))).At(op.Map),
        ReduceKind.Prod => Product(x, dy.At(op.Map), v => v.Reduce(op.Map, ReduceKind.Prod).At(op.Map), v => v.Sum(op.Map).At(op.Map)),
        _ => Extreme(x, y.At(op.Map), dy.At(op.Map), v => v.Sum(op.Map).At(op.Map)),
    };

    private static Value Spread(Operator.RowReduce op, Value x, Value y, Value dy)
    {
        int[] axes = [.. op.Axes];
        Value all = dy * dy.Builder.Constant(1, x.Type.Space, [.. x.Type.Row.Extents]);
        return op.Kind switch
        {
            ReduceKind.Sum => all,
            ReduceKind.Mean => all / ((double)x.Type.Row.Width / y.Type.Row.Width),
            ReduceKind.Prod => Product(x, dy, v => v.RowReduce(ReduceKind.Prod, axes), v => v.RowReduce(ReduceKind.Sum, axes)),
            _ => Extreme(x, y, dy, v => v.RowReduce(ReduceKind.Sum, axes)),
        };
    }

    /// <summary>The gradient of a maximum or minimum: it goes to the elements that attain it, in equal shares.</summary>
    private static Value Extreme(Value x, Value y, Value dy, Func<Value, Value> count)
    {
        Value attains = x.Binary(BinaryFunction.Equal, y);
        return attains * dy / count(attains);
    }

    /// <summary>
    /// The gradient of a product, without dividing by zero: with no zero among the factors it is p / x; with one, that factor gets
    /// the product of the others; with more, nothing has a gradient.
    /// </summary>
    private static Value Product(Value x, Value dy, Func<Value, Value> product, Func<Value, Value> count)
    {
        Value isZero = x.Binary(BinaryFunction.Equal, 0);
        Value factors = x + isZero;
        Value zeros = count(isZero);
        Expr others = new Expr.Select(
            new Expr.Binary(BinaryFunction.Equal, new Expr.Arg(0), new Expr.Const(0)),
            new Expr.Binary(BinaryFunction.Div, new Expr.Arg(1), new Expr.Arg(2)),
            new Expr.Select(
                new Expr.Binary(BinaryFunction.Equal, new Expr.Arg(0), new Expr.Arg(3)),
                new Expr.Arg(1),
                new Expr.Const(0)));

        // $0 zeros, $1 product of the non-zero factors, $2 the factor with zeros made one, $3 is 1 where the factor is the zero, else -1.
        Value sole = (isZero * 2) + -1;
        return dy * x.Builder.Pointwise(others, zeros, product(factors), factors, sole);
    }

    private static Value Pad(Operator.Slice op, Value dy, RowType whole)
    {
        var parts = new List<Value>();
        AddZeros(op.Start);
        parts.Add(dy);
        AddZeros(whole.Row[op.Axis] - op.Start - op.Length);
        return parts.Count == 1 ? dy : dy.Builder.Concat(op.Axis, [.. parts]);

        void AddZeros(int extent)
        {
            if (extent > 0)
            {
                parts.Add(dy.Builder.Constant(0, whole.Space, [.. whole.Row.Extents.Items.SetItem(op.Axis, extent)]));
            }
        }
    }

    private static IEnumerable<(int Operand, Value Gradient)> Parts(Operator.Concat op, Value dy, ImmutableArray<Value> operands)
    {
        int start = 0;
        for (int i = 0; i < operands.Length; i++)
        {
            int extent = operands[i].Type.Row[op.Axis];
            yield return (i, dy.Slice(op.Axis, start, extent));
            start += extent;
        }
    }
}
