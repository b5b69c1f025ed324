using Pigeon.Compiler;
using Pigeon.Kernels;

namespace Pigeon.Cli;

/// <summary>The memory that a program takes operator by operator, where every value has rows of its own.</summary>
internal static class UnfusedMemory
{
    private const double UsableShare = 0.7;

    /// <summary>Whether the values that are alive at once fit in memory, and each in an array.</summary>
    public static bool Fits(Program program, GraphBinding graph)
    {
        long[] bytes = [.. Enumerable.Range(0, program.Values.Length).Select(value => PlanCost.BytesOf(program, value, graph))];
        int[] last = LastUses(program);
        long alive = 0;
        long most = 0;
        for (int i = 0; i < bytes.Length; i++)
        {
            alive += bytes[i];
            most = Math.Max(most, alive);
            alive -= program.Values[i].Operands.Items.Distinct().Where(operand => last[operand] == i).Sum(operand => bytes[operand]);
        }

        return bytes.All(b => b / sizeof(float) <= Array.MaxLength) && most <= UsableShare * GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
    }

    private static int[] LastUses(Program program)
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
