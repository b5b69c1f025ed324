using Pigeon.Kernels;

namespace Pigeon.Compiler;

/// <summary>
/// Builds values in their simplest form, each once: an operator that computes what a value before it computes gets that value's number.
/// Views that change nothing go, views of constants are constants, constants are folded into expressions, gathers of gathers and joins of joins become
/// one, a reduction along a map of a view is a view of the reduction, and transposed linears become linears of a transposed weight. So two programs over
/// one store compute the same where their numbers are the same.
/// </summary>
internal sealed class ValueStore(string name) : ProgramBuilder(name)
{
    private readonly Dictionary<Operator, int> numbers = [];

    private protected override int Append(Operator op)
    {
        // What is in the store is in its simplest form already: most of what a search tries was tried in another order before.
        if (numbers.TryGetValue(op, out int known))
        {
            return known;
        }

        for (Operator simpler = Simpler(op); simpler != op; simpler = Simpler(op))
        {
            op = simpler;
        }

        if (Forwarded(op) is { } same)
        {
            return same;
        }

        if (op is Operator.TypedLinear { Transposed: true } linear)
        {
            int[] axes = TypeOf(linear.W).Row.Rank == 3 ? [0, 2, 1] : [1, 0];
            op = linear with { W = Append(new Operator.Transpose(linear.W, [.. axes])), Transposed = false };
        }

        if (!numbers.TryGetValue(op, out int number))
        {
            number = base.Append(op);
            numbers.Add(op, number);
        }

        return number;
    }

    private int? Forwarded(Operator op) => op switch
    {
        Operator.Gather { Map: Map.Identity } g => g.X,
        Operator.Reshape r when TypeOf(r.X).Row == r.Row => r.X,
        Operator.Regroup r when TypeOf(r.X).Row == r.Row && TypeOf(r.X).Space == r.Space => r.X,
        Operator.Transpose t when t.Axes.SequenceEqual(Enumerable.Range(0, t.Axes.Count)) => t.X,
        Operator.Slice s when s.Length == TypeOf(s.X).Row[s.Axis] => s.X,
        Operator.Concat { Parts.Count: 1 } c => c.Parts[0],
        Operator.RowReduce r when r.Axes.All(a => TypeOf(r.X).Row[a] == 1) => r.X,
        Operator.Pointwise { Expression: Expr.Arg a } p when TypeOf(p.Arguments[a.Position]).Row == Row(p) =>
            p.Arguments[a.Position],
        _ => null,
    };

    private Shape Row(Operator.Pointwise op) =>
        op.Arguments.Aggregate(Shape.Of(), (row, a) => Shape.Broadcast(row, TypeOf(a).Row)!.Value);

    /// <summary>The same value by a simpler operator, or the operator itself.</summary>
    private Operator Simpler(Operator op)
    {
        switch (op)
        {
            case Operator.Gather or Operator.Reshape or Operator.Regroup or Operator.Transpose or Operator.Slice
                when OperatorOf(op.Operands[0]) is Operator.Constant constant:
                return constant with { Type = Infer(op) };
            case Operator.Gather gather when OperatorOf(gather.X) is Operator.Gather inner:
                return new Operator.Gather(inner.X, Map.Compose(inner.Map, gather.Map));
            case Operator.Reshape reshape when OperatorOf(reshape.X) is Operator.Reshape inner:
                return reshape with { X = inner.X };
            case Operator.Reduce { Map: not Map.Unit } reduce when OperatorOf(reduce.X) is Operator.Reshape inner:
                // What is summed is then an expression, and not a view of one that has to be stored first. A sum of all rows, as a loss is, shares its loop with
                // gradients, which a view after it would end.
                return new Operator.Reshape(Append(reduce with { X = inner.X }), inner.Row);
            case Operator.Regroup regroup when TypeOf(regroup.X).Space == regroup.Space:
                return new Operator.Reshape(regroup.X, regroup.Row);
            case Operator.Regroup regroup when OperatorOf(regroup.X) is Operator.Regroup or Operator.Reshape:
                return regroup with { X = OperatorOf(regroup.X).Operands[0] };
            case Operator.Concat concat when concat.Parts.Items.Any(part => OperatorOf(part) is Operator.Concat inner && inner.Axis == concat.Axis):
                return concat with
                {
                    Parts = [.. concat.Parts.Items.SelectMany(part => OperatorOf(part) is Operator.Concat inner && inner.Axis == concat.Axis
                        ? inner.Parts.Items : [part])],
                };
            case Operator.Pointwise pointwise:
                return Narrow(pointwise);
            default:
                return op;
        }
    }

    /// <summary>Folds constants into the expression, then names each operand once.</summary>
    private Operator Narrow(Operator.Pointwise op)
    {
        var operands = new List<int>();
        Expr folded = Fold(op.Expression.Substitute(i =>
        {
            // A constant that is the only operand, or wider than the others, still gives the row its shape.
            int argument = op.Arguments[i];
            if (OperatorOf(argument) is Operator.Constant constant && op.Arguments.Any(a => a != argument &&
                OperatorOf(a) is not Operator.Constant && TypeOf(a).Row == Row(op)))
            {
                return new Expr.Const(constant.Value);
            }

            argument = Repeated(argument) is { } once && op.Arguments.Any(a => a != argument && OperatorOf(a) is not Operator.Constant &&
                TypeOf(a).Row == Row(op)) ? once : argument;
            int position = operands.IndexOf(argument);
            if (position < 0)
            {
                position = operands.Count;
                operands.Add(argument);
            }

            return new Expr.Arg(position);
        }));
        Operator.Pointwise narrowed = new(folded, [.. operands.ToArray()]);
        return operands.Count > 0 && Row(narrowed) == Row(op) ? narrowed : op;
    }

    /// <summary>What a value only repeats along axes, as a product with ones: its reader repeats it as well. Null if it does more.</summary>
    private int? Repeated(int value)
    {
        if (OperatorOf(value) is Operator.Pointwise
            {
                Arguments: { Count: 2 } operands,
                Expression: Expr.Binary { Function: BinaryFunction.Mul, X: Expr.Arg x, Y: Expr.Arg y },
            } && x != y)
        {
            return OperatorOf(operands[1]) is Operator.Constant { Value: 1 } ? operands[0] :
                OperatorOf(operands[0]) is Operator.Constant { Value: 1 } ? operands[1] : null;
        }

        return null;
    }

    private static Expr Fold(Expr expression) => expression switch
    {
        Expr.Unary u => u with { X = Fold(u.X) },
        Expr.Select s => new Expr.Select(Fold(s.Condition), Fold(s.X), Fold(s.Y)),
        Expr.Binary b => (b.Function, Fold(b.X), Fold(b.Y)) switch
        {
            (BinaryFunction.Add, Expr.Const x, Expr.Const y) when double.IsFinite(x.Value + y.Value) => new Expr.Const(x.Value + y.Value),
            (BinaryFunction.Sub, Expr.Const x, Expr.Const y) when double.IsFinite(x.Value - y.Value) => new Expr.Const(x.Value - y.Value),
            (BinaryFunction.Mul, Expr.Const x, Expr.Const y) when double.IsFinite(x.Value * y.Value) => new Expr.Const(x.Value * y.Value),
            (BinaryFunction.Mul, var x, Expr.Const { Value: 1 }) => x,
            (BinaryFunction.Mul, Expr.Const { Value: 1 }, var y) => y,
            (BinaryFunction.Div, var x, Expr.Const { Value: 1 }) => x,
            (BinaryFunction.Sub, var x, Expr.Const { Value: 0 } zero) when !double.IsNegative(zero.Value) => x,
            (var f, var x, var y) => new Expr.Binary(f, x, y),
        },
        _ => expression,
    };
}
