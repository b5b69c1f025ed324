namespace Pigeon.Compiler;

/// <summary>
/// Decides which values get rows of their own (in a buffer or in scratch) and which are computed inside their users. Needs a
/// program without transposed linears; guarantees that every view, gather and GEMM operand leads to a value with rows.
/// </summary>
internal static class Materialise
{
    /// <summary>The most nodes of an expression after its operands' expressions were put into it.</summary>
    private const int LargestExpression = 200;

    /// <summary>For each value, whether it has rows of its own.</summary>
    public static bool[] Run(Program program)
    {
        bool[] located = new bool[program.Values.Length];
        int[] sizes = new int[program.Values.Length];
        int[] uses = new int[program.Values.Length];
        foreach (Operator op in program.Values)
        {
            foreach (int operand in op.Operands)
            {
                uses[operand]++;
            }
        }

        for (int i = 0; i < located.Length; i++)
        {
            Operator op = program.Values[i];
            located[i] |= op is Operator.Input or Operator.Weight or Operator.TypedLinear or Operator.OuterSum or Operator.Reduce
                or Operator.RowReduce or Operator.Concat;
            switch (op)
            {
                case Operator.TypedLinear linear:
                    LocateRows(linear.X);
                    LocateRows(linear.W);
                    break;
                case Operator.OuterSum outer:
                    LocateRows(outer.X);
                    LocateRows(outer.Y);
                    break;
                case Operator.Gather { X: var x } when program.Values[x] is Operator.Pointwise:
                    located[x] = true;
                    break;
                case Operator.Reshape reshape:
                    LocateRows(reshape.X);
                    break;
                case Operator.Regroup regroup:
                    // A second name of whole rows in a buffer.
                    located[regroup.X] = true;
                    located[i] = true;
                    break;
                case Operator.Transpose or Operator.Slice:
                    if (program.Values[op.Operands[0]] is Operator.Pointwise or Operator.Constant)
                    {
                        located[op.Operands[0]] = true;
                    }

                    break;
                case Operator.Pointwise pointwise:
                    // Computed again for every user, or for every element that it is repeated to, would be waste.
                    foreach (int argument in pointwise.Arguments)
                    {
                        located[argument] |= program.Values[argument] is Operator.Pointwise &&
                            (uses[argument] > 1 || program.Types[argument].Row != program.Types[i].Row);
                    }

                    sizes[i] = SizeOf(pointwise.Expression, a =>
                    {
                        int argument = pointwise.Arguments[a];
                        return located[argument] ? 1 : Math.Max(1, sizes[argument]);
                    });
                    if (sizes[i] > LargestExpression)
                    {
                        // The text would grow without bound: each level of x·x doubles it.
                        foreach (int argument in pointwise.Arguments)
                        {
                            located[argument] |= program.Values[argument] is Operator.Pointwise;
                        }

                        sizes[i] = SizeOf(pointwise.Expression, _ => 1);
                    }

                    break;
            }

            // A value with several users is computed once, unless it only renames or moves rows.
            located[i] |= op is Operator.Pointwise && uses[i] > 1;
        }

        foreach (Output output in program.Outputs)
        {
            located[output.Value] = true;
        }

        return located;

        static int SizeOf(Expr expression, Func<int, int> ofArgument) => expression is Expr.Arg a
            ? ofArgument(a.Position)
            : 1 + expression.Children.Sum(child => SizeOf(child, ofArgument));

        // Rows that are read as a whole: through gathers and reshapes down to a value that has contiguous rows.
        void LocateRows(int value)
        {
            switch (program.Values[value])
            {
                case Operator.Gather gather:
                    LocateRows(gather.X);
                    break;
                case Operator.Reshape reshape:
                    LocateRows(reshape.X);
                    break;
                case Operator.Slice slice when program.Types[slice.X].Row.Extents.Items.Take(slice.Axis).All(e => e == 1):
                    // A range of the outermost axis is a run of the row.
                    LocateRows(slice.X);
                    break;
                default:
                    located[value] = true;
                    break;
            }
        }
    }
}
