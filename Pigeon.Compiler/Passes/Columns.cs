namespace Pigeon.Compiler;

/// <summary>Columns of values whose rows are vectors, computed by themselves: a slice moves into what the value is computed from.</summary>
/// <param name="store">Where the values are, and where columns are built.</param>
internal sealed class Columns(ValueStore store)
{
    /// <summary>The parts of a row between cuts, each as a value of its own.</summary>
    public IEnumerable<int> Each(int value, int[] cuts)
    {
        int width = (int)store.TypeOf(value).Row.Width;
        return cuts.Select((start, i) => Of(value, start, (i + 1 < cuts.Length ? cuts[i + 1] : width) - start));
    }

    /// <summary>Where parts of a row that were joined begin; none where it is one part.</summary>
    public int[] Cuts(int value)
    {
        var cuts = new SortedSet<int>();
        Collect(value);
        return cuts.Count > 1 ? [.. cuts] : [];

        void Collect(int at)
        {
            if (store.OperatorOf(at) is Operator.Concat concat && store.TypeOf(at).Row.Rank == 1)
            {
                int start = 0;
                foreach (int part in concat.Parts)
                {
                    cuts.Add(start);
                    start += (int)store.TypeOf(part).Row.Width;
                }
            }
            else if (store.OperatorOf(at) is Operator.Pointwise pointwise)
            {
                foreach (int argument in pointwise.Arguments.Items.Where(argument => store.TypeOf(argument).Row == store.TypeOf(value).Row))
                {
                    Collect(argument);
                }
            }
        }
    }

    /// <summary>Columns of a value whose rows are vectors: of what it is computed from.</summary>
    public int Of(int value, int start, int length)
    {
        RowType type = store.TypeOf(value);
        if (start == 0 && length == type.Row.Width)
        {
            return value;
        }

        switch (store.OperatorOf(value))
        {
            case Operator.Pointwise pointwise when pointwise.Arguments.Items.All(a => store.TypeOf(a).Row == type.Row || store.TypeOf(a).Row is
                { Rank: <= 1, Width: 1 }):
                int[] arguments = [.. pointwise.Arguments.Items.Select(a => store.TypeOf(a).Row == type.Row ? Of(a, start, length) : a)];
                return WithoutZero(pointwise.Expression, arguments) ?? store.Add(pointwise.With([.. arguments])).Id;
            case Operator.Gather gather:
                return new Value(store, Of(gather.X, start, length)).At(gather.Map).Id;
            case Operator.TypedLinear { Transposed: false } linear when store.TypeOf(linear.W).Row.Rank == 2:
                return new Value(store, linear.X).Linear(new Value(store, linear.W).Slice(1, start, length), linear.Type).Id;
            case Operator.Constant constant:
                return store.Constant(constant.Value, type.Space, length).Id;
            case Operator.Concat concat:
                var parts = new List<Value>();
                int at = 0;
                foreach (int part in concat.Parts)
                {
                    int width = (int)store.TypeOf(part).Row.Width;
                    (int from, int to) = (Math.Max(start, at), Math.Min(start + length, at + width));
                    if (from < to)
                    {
                        parts.Add(new(store, Of(part, from - at, to - from)));
                    }

                    at += width;
                }

                return parts.Count == 1 ? parts[0].Id : store.Concat(0, [.. parts]).Id;
            default:
                return new Value(store, value).Slice(0, start, length).Id;
        }
    }

    /// <summary>What 0 is added to: gradients of columns are joined with zeros, and added.</summary>
    private int? WithoutZero(Expr expression, int[] arguments) => expression is
        Expr.Binary { Function: BinaryFunction.Add, X: Expr.Arg { Position: var x }, Y: Expr.Arg { Position: var y } }
        ? store.OperatorOf(arguments[x]) is Operator.Constant { Value: 0 } ? arguments[y] :
            store.OperatorOf(arguments[y]) is Operator.Constant { Value: 0 } ? arguments[x] : null
        : null;
}
