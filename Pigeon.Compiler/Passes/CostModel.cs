using Pigeon.Kernels;

namespace Pigeon.Compiler;

/// <summary>
/// An estimate of a program's time on a graph, in multiply-adds. What fusion removes is counted low, what it can't remove in full:
/// enough to rank ways of computing the same thing, not to predict milliseconds.
/// </summary>
internal sealed class CostModel(GraphBinding graph)
{
    /// <summary>Reading or writing a number costs as much as this many multiply-adds of a GEMM in cache.</summary>
    private const double Move = 4;

    /// <summary>An element-wise operation on a number that is in a register.</summary>
    private const double Compute = 1;

    /// <summary>The columns of a GEMM that a vector covers at once; fewer cost as much.</summary>
    private const int VectorColumns = 16;

    private readonly Dictionary<IndexSpace, double> rows = [];

    /// <summary>The cost of all values of a program.</summary>
    public double Of(Program program)
    {
        double total = 0;
        for (int i = 0; i < program.Values.Length; i++)
        {
            total += Of(program, i);
        }

        return total;
    }

    private double Of(Program program, int value)
    {
        RowType type = program.Types[value];
        double size = Rows(type.Space) * type.Row.Width;
        switch (program.Values[value])
        {
            case Operator.TypedLinear op:
                RowType x = program.Types[op.X];
                double columns = Math.Ceiling(type.Row[^1] / (double)VectorColumns) * VectorColumns;
                return (Rows(x.Space) * x.Row.Width * columns) + (Move * (size + (Rows(x.Space) * x.Row.Width)));
            case Operator.OuterSum op:
                RowType left = program.Types[op.X];
                RowType right = program.Types[op.Y];
                return (Rows(left.Space) * left.Row.Width * right.Row[^1]) +
                    (Move * Rows(left.Space) * (left.Row.Width + right.Row.Width));
            case Operator.Reduce op:
                return Move * (size + (Rows(program.Types[op.X].Space) * type.Row.Width));
            case Operator.RowReduce op:
                return Compute * Rows(type.Space) * program.Types[op.X].Row.Width;
            case Operator.Pointwise op:
                return Compute * size * Weight(op.Expression);
            case Operator.Concat or Operator.Uniform:
                return Compute * size;
            default:
                return 0;
        }
    }

    private static double Weight(Expr expression) => expression.Children.Sum(Weight) + expression switch
    {
        Expr.Unary { Function: UnaryFunction.Neg or UnaryFunction.Abs or UnaryFunction.Detach } => 0.5,
        Expr.Unary => 10,
        Expr.Binary { Function: BinaryFunction.Div } => 3,
        Expr.Binary or Expr.Select => 1,
        _ => 0,
    };

    private double Rows(IndexSpace space)
    {
        if (!rows.TryGetValue(space, out double size))
        {
            rows[space] = size = graph.SizeOf(space);
        }

        return size;
    }
}
