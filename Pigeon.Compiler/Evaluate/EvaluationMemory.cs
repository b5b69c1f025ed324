using Pigeon.Kernels;

namespace Pigeon.Compiler;

/// <summary>The memory that <see cref="Evaluator{T}"/> takes, where every value has rows of its own until its last use.</summary>
/// <param name="Peak">The most elements that are alive at once.</param>
/// <param name="Largest">The elements of the largest value, which has to fit in one array.</param>
public readonly record struct EvaluationMemory(long Peak, long Largest)
{
    /// <summary>Counts the elements of a program's values on a graph.</summary>
    public static EvaluationMemory Of(Program program, GraphBinding graph)
    {
        long[] elements = [.. program.Types.Select(type => graph.SizeOf(type.Space) * type.Row.Width)];
        int[] last = LastUses(program);
        long alive = 0;
        long peak = 0;
        for (int i = 0; i < elements.Length; i++)
        {
            alive += elements[i];
            peak = Math.Max(peak, alive);
            alive -= program.Values[i].Operands.Items.Distinct().Where(operand => last[operand] == i).Sum(operand => elements[operand]);
        }

        return new(peak, elements.DefaultIfEmpty().Max());
    }

    /// <summary>The last value that reads each value; outputs are kept to the end.</summary>
    internal static int[] LastUses(Program program)
    {
        int[] last = [.. Enumerable.Repeat(int.MaxValue, program.Values.Length)];
        for (int i = 0; i < last.Length; i++)
        {
            foreach (int operand in program.Values[i].Operands)
            {
                last[operand] = i;
            }
        }

        foreach (Output output in program.Outputs)
        {
            last[output.Value] = int.MaxValue;
        }

        return last;
    }
}
