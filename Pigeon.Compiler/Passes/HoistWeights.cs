namespace Pigeon.Compiler;

/// <summary>
/// Moves derived weights, values that depend on no input, in front of the values that do. Their order among themselves stays.
/// Kernels are formed in the order of the program, so a derived weight in the middle would keep what stands after it from
/// joining a kernel before it.
/// <code>
/// %1 = linear ntype %0, %w                %1 = pointwise {sigmoid($0)} %s
/// %2 = pointwise {sigmoid($0)} %s    ⇒    %2 = linear ntype %0, %w
/// </code>
/// </summary>
public static class HoistWeights
{
    /// <summary>Reorders a program; returns the same reference when the order is right already.</summary>
    public static Program Run(Program program)
    {
        int count = program.Values.Length;
        int[] rank = new int[count];
        for (int i = 0; i < count; i++)
        {
            rank[i] = program.Values[i] switch
            {
                Operator.Input or Operator.Weight => 0,
                var op when op.Operands.All(o => rank[o] < 2 && program.Values[o] is not Operator.Input) => 1,
                _ => 2,
            };
        }

        int[] order = [.. Enumerable.Range(0, count).OrderBy(i => rank[i])];
        if (order.SequenceEqual(Enumerable.Range(0, count)))
        {
            return program;
        }

        int[] renamed = new int[count];
        for (int i = 0; i < count; i++)
        {
            renamed[order[i]] = i;
        }

        return new(program.Name,
            [.. order.Select(i => program.Values[i].With([.. program.Values[i].Operands.Select(o => renamed[o])]))],
            [.. program.Outputs.Select(o => o with { Value = renamed[o.Value] })]);
    }
}
