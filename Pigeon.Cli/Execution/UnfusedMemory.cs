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
        EvaluationMemory memory = EvaluationMemory.Of(program, graph);
        return memory.Largest <= Array.MaxLength &&
            memory.Peak * sizeof(float) <= UsableShare * GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
    }
}
