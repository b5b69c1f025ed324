using System.Collections.Immutable;
using Pigeon.Kernels;

namespace Pigeon.Compiler;

/// <summary>
/// Removes what a program does not need: values that compute the same thing become one, values that nothing returns go, views
/// that change nothing go, views of constants are constants, constants are folded into expressions, gathers of gathers become one, and transposed linears become
/// linears of a transposed weight.
/// <code>
/// %3 = gather src %0
/// %4 = gather src %0                      %3 = gather src %0
/// %5 = pointwise {$0 + $1} %3, %4    ⇒    %4 = pointwise {$0 + $0} %3
/// %6 = reshape %3
/// return y = %5                           return y = %4
/// </code>
/// </summary>
public static class Simplify
{
    /// <summary>Simplifies a program; returns the same reference when there is nothing to do.</summary>
    public static Program Run(Program program)
    {
        while (true)
        {
            Program next = Once(program);
            if (ReferenceEquals(next, program))
            {
                return program;
            }

            program = next;
        }
    }

    private static Program Once(Program program)
    {
        bool[] live = Live(program);
        var values = ImmutableArray.CreateBuilder<Operator>();
        var types = new List<RowType>();
        var numbers = new Dictionary<Operator, int>();
        int[] renamed = new int[program.Values.Length];
        for (int i = 0; i < renamed.Length; i++)
        {
            if (!live[i])
            {
                continue;
            }

            Operator op = Rewrite(program.Values[i].With([.. program.Values[i].Operands.Select(o => renamed[o])]), program.Types[i], values, types);
            if (Forwarded(op, types) is { } same)
            {
                renamed[i] = same;
                continue;
            }

            renamed[i] = Append(op);
        }

        Program result = new(program.Name, values.ToImmutable(),
            [.. program.Outputs.Select(o => o with { Value = renamed[o.Value] })]);
        return result.Values.SequenceEqual(program.Values) && result.Outputs.SequenceEqual(program.Outputs) ? program : result;

        int Append(Operator op)
        {
            if (op is Operator.TypedLinear { Transposed: true } linear)
            {
                int[] axes = types[linear.W].Row.Rank == 3 ? [0, 2, 1] : [1, 0];
                op = linear with { W = Append(new Operator.Transpose(linear.W, [.. axes])), Transposed = false };
            }

            if (!numbers.TryGetValue(op, out int number))
            {
                number = values.Count;
                numbers.Add(op, number);
                types.Add(Verifier.Infer(program.Name, op, number, types));
                values.Add(op);
            }

            return number;
        }
    }

    private static bool[] Live(Program program)
    {
        bool[] live = new bool[program.Values.Length];
        foreach (Output output in program.Outputs)
        {
            live[output.Value] = true;
        }

        for (int i = live.Length - 1; i >= 0; i--)
        {
            // Inputs and weights are the program's contract with its caller: they stay.
            live[i] |= program.Values[i] is Operator.Input or Operator.Weight;
            foreach (int operand in live[i] ? program.Values[i].Operands : [])
            {
                live[operand] = true;
            }
        }

        return live;
    }

    private static int? Forwarded(Operator op, List<RowType> types) => op switch
    {
        Operator.Gather { Map: Map.Identity } g => g.X,
        Operator.Reshape r when types[r.X].Row == r.Row => r.X,
        Operator.Transpose t when t.Axes.SequenceEqual(Enumerable.Range(0, t.Axes.Count)) => t.X,
        Operator.Slice s when s.Length == types[s.X].Row[s.Axis] => s.X,
        Operator.Concat { Parts.Count: 1 } c => c.Parts[0],
        Operator.RowReduce r when r.Axes.All(a => types[r.X].Row[a] == 1) => r.X,
        Operator.Pointwise { Expression: Expr.Arg a } p when types[p.Arguments[a.Position]].Row == Row(p, types) =>
            p.Arguments[a.Position],
        _ => null,
    };

    private static Shape Row(Operator.Pointwise op, List<RowType> types) =>
        op.Arguments.Aggregate(Shape.Of(), (row, a) => Shape.Broadcast(row, types[a].Row)!.Value);

    private static Operator Rewrite(Operator op, RowType type, ImmutableArray<Operator>.Builder values, List<RowType> types)
    {
        switch (op)
        {
            case Operator.Gather or Operator.Reshape or Operator.Transpose or Operator.Slice
                when values[op.Operands[0]] is Operator.Constant constant:
                return constant with { Type = type };
            case Operator.Gather gather when values[gather.X] is Operator.Gather inner:
                return new Operator.Gather(inner.X, Map.Compose(inner.Map, gather.Map));
            case Operator.Reshape reshape when values[reshape.X] is Operator.Reshape inner:
                return reshape with { X = inner.X };
            case Operator.Pointwise pointwise:
                return Narrow(pointwise, values, types);
            default:
                return op;
        }
    }

    /// <summary>Folds constants into the expression, then names each operand once.</summary>
    private static Operator Narrow(Operator.Pointwise op, ImmutableArray<Operator>.Builder values, List<RowType> types)
    {
        var operands = new List<int>();
        Expr folded = Fold(op.Expression.Substitute(i =>
        {
            // A constant that is the only operand, or wider than the others, still gives the row its shape.
            int argument = op.Arguments[i];
            if (values[argument] is Operator.Constant constant && op.Arguments.Any(a => a != argument &&
                values[a] is not Operator.Constant && types[a].Row == Row(op, types)))
            {
                return new Expr.Const(constant.Value);
            }

            int position = operands.IndexOf(argument);
            if (position < 0)
            {
                position = operands.Count;
                operands.Add(argument);
            }

            return new Expr.Arg(position);
        }));
        Operator.Pointwise narrowed = new(folded, [.. operands.ToArray()]);
        return operands.Count > 0 && Row(narrowed, types) == Row(op, types) ? narrowed : op;
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
