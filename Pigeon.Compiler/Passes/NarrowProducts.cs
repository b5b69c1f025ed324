using Pigeon.Kernels;

namespace Pigeon.Compiler;

/// <summary>
/// Makes products with few columns, such as an attention vector for each head, dots where the rows that they multiply are at hand. After the product that
/// computes these rows, while they are in the cache; a GEMM of its own would read them from memory again. And for pairs of a type and a node in a traversal of
/// the nodes, which reads the row of a node once for all its pairs; a GEMM goes through the nodes for each type.
/// <code>
///                                                         %5 = transpose [1, 0] %2 : EdgeTypes[4, 64]
/// %3 = gather second(etype, dst) %0                       %6 = gather first(etype, dst) %5
/// %4 = linear first(etype, dst) %3, %2 : [4]      ⇒       %7 = pointwise {$0 * $1} %3, %6
///                                                         %8 = row.sum [1] %7
/// </code>
/// </summary>
internal static class NarrowProducts
{
    /// <summary>The most bytes of all slices: one is read for each pair, so they have to stay well inside the second cache.</summary>
    private const long MostSliceBytes = 256 << 10;

    /// <summary>Sums that are folded to numbers at once: after a product, columns come in as many. For one column see <see cref="ColumnAsDot"/>.</summary>
    private const int Together = 4;

    /// <summary>Makes dots of such products; returns the same reference where there are none, or no graph.</summary>
    public static Program Run(Program program, CompileOptions options)
    {
        if (options is not { Graph: not null, NarrowProducts: true, Fuse: true })
        {
            return program;
        }

        var graph = new GraphCounts(options.Graph);
        bool[] become = [.. program.Values.Select((op, value) => op is Operator.TypedLinear { Transposed: false } linear && IsNarrow(linear) &&
            (IsAfterProduct(linear) || (IsOfPairs(program, value, linear) && PaysByNode(linear))))];
        return become.Contains(true) ? WithDots(program, become) : program;

        bool IsNarrow(Operator.TypedLinear linear) => program.Types[linear.X].Row.Rank == 1 && program.Types[linear.W].Row is { Rank: 2 } slice &&
            PlanCosts.IsNarrow(slice[0], slice[1], options.Lanes);

        bool IsAfterProduct(Operator.TypedLinear linear) => linear.Type is Map.Unit && program.Values[linear.X] is Operator.TypedLinear &&
            program.Types[linear.W].Row[1] % Together == 0;

        // The rows of all nodes are then read once, of those without a pair too.
        bool PaysByNode(Operator.TypedLinear linear) =>
            graph.Rows(linear.Type.From) >= graph.Rows(program.Types[program.Values[linear.X].Operands[0]].Space) &&
            graph.Rows(linear.Type.To) * program.Types[linear.W].Row.Width * sizeof(float) <= MostSliceBytes;
    }

    /// <summary>The map along which a traversal of the nodes walks the pairs that a value's rows are dots for; null for other values.</summary>
    public static Map? WalkOf(Program program, int value) => program.Values[value] is Operator.RowReduce { Kind: ReduceKind.Sum } sum &&
        program.Values[sum.X] is Operator.Pointwise { Arguments.Count: 2 } product && program.Types[sum.X].Row.Rank == 2 && sum.Axes.SequenceEqual([1]) &&
        program.Types[value].Space is IndexSpace.Distinct pairs && Picks(program, product.Arguments[0], pairs, 1) &&
        Picks(program, product.Arguments[1], pairs, 0)
            ? new Map.Component(pairs, 1)
            : null;

    private static bool IsOfPairs(Program program, int value, Operator.TypedLinear linear) => linear.Type is Map.Component { Position: 0 } first &&
        program.Types[value].Space == first.Pairs && Picks(program, linear.X, first.Pairs, 1);

    private static bool Picks(Program program, int value, IndexSpace pairs, int position) =>
        program.Values[value] is Operator.Gather { Map: Map.Component component } && component.Position == position && component.Pairs == pairs;

    private static Program WithDots(Program program, bool[] become)
    {
        var builder = new ProgramBuilder(program.Name);
        var moved = new Value[become.Length];
        for (int i = 0; i < moved.Length; i++)
        {
            moved[i] = become[i]
                ? Dots((Operator.TypedLinear)program.Values[i])
                : builder.Add(program.Values[i].With([.. program.Values[i].Operands.Select(operand => moved[operand].Id)]));
        }

        foreach (Output output in program.Outputs)
        {
            builder.Return(output.Name, moved[output.Value]);
        }

        return builder.Build();

        Value Dots(Operator.TypedLinear linear)
        {
            (Value x, Value w) = (moved[linear.X], moved[linear.W]);
            (int depth, int columns) = (w.Type.Row[0], w.Type.Row[1]);

            // A slice is read along its columns, so they are made rows in memory.
            Value slices = columns == 1 ? w.Reshape(1, depth) : builder.Pointwise(new Expr.Arg(0), w.Transpose(1, 0));
            return (x * slices.At(linear.Type)).RowReduce(ReduceKind.Sum, 1).Reshape(columns);
        }
    }
}
