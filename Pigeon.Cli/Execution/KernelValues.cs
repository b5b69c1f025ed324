using Pigeon.Compiler;

namespace Pigeon.Cli;

/// <summary>The values that a kernel exchanges with others through memory.</summary>
internal static class KernelValues
{
    /// <summary>The values that a kernel reads, in order of their numbers.</summary>
    public static IReadOnlyList<int> Reads(Plan plan, Kernel kernel)
    {
        var read = kernel.Steps.SelectMany(step => step.Stages).SelectMany(stage => stage.Arguments).Select(access => access.Value);
        int[] operands = kernel.Contraction is { } c ? [c.X.Value, c.Y.Value] : [];
        IReadOnlyList<int> written = Writes(plan, kernel);
        return [.. read.Concat(operands).Where(value => InMemory(plan, value) && !written.Contains(value)).Distinct().Order()];
    }

    /// <summary>The values that a kernel writes, in order of their numbers.</summary>
    public static IReadOnlyList<int> Writes(Plan plan, Kernel kernel)
    {
        var written = kernel.Steps.SelectMany(step => step.Stages).Select(stage => stage.Value);
        int[] product = kernel.Contraction is { } c ? [c.Value] : [];
        return [.. written.Concat(product).Where(value => InMemory(plan, value)).Distinct().Order()];
    }

    /// <summary>Whether a value has a buffer.</summary>
    public static bool InMemory(Plan plan, int value) => plan.Storage[value] is Storage.Buffer or Storage.LoopBuffer;
}
