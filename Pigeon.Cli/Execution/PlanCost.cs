using Pigeon.Compiler;
using Pigeon.Kernels;

namespace Pigeon.Cli;

/// <summary>What one run of a plan on a graph does, counted from the plan; times are noisy, these are not.</summary>
/// <param name="Flops">Two for each multiply-add of its contractions.</param>
/// <param name="BytesMoved">For each kernel, the bytes of the values that it reads or writes in memory, each once.</param>
internal readonly record struct PlanCost(long Flops, long BytesMoved)
{
    /// <summary>Counts the kernels of every run; those that run once are left out.</summary>
    public static PlanCost Of(Plan plan, GraphBinding graph)
    {
        PlanCost[] costs = [.. plan.Kernels.Where(kernel => !kernel.Once).Select(kernel => Of(plan, kernel, graph))];
        return new(costs.Sum(cost => cost.Flops), costs.Sum(cost => cost.BytesMoved));
    }

    /// <summary>Counts one kernel.</summary>
    public static PlanCost Of(Plan plan, Kernel kernel, GraphBinding graph) => new(
        kernel.Contraction is { } c ? 2L * graph.SizeOf(c.Type.From) * c.Blocks * c.Lead * c.K * c.N : 0,
        KernelValues.Reads(plan, kernel).Concat(KernelValues.Writes(plan, kernel)).Distinct().Sum(value => BytesOf(plan, value, graph)));

    /// <summary>
    /// The bytes that a kernel asks for: unlike <see cref="BytesMoved"/>, a row is counted as often as it is read. Most of them come
    /// from caches. Scratch is left out.
    /// </summary>
    public static long BytesTouched(Plan plan, Kernel kernel, GraphBinding graph)
    {
        long rows = graph.SizeOf(kernel.Rows);
        long bytes = 0;
        foreach (Step step in kernel.Steps)
        {
            long times = step.Loop is { } loop ? graph.SizeOf(loop.From) : rows;
            var read = step.Stages.SelectMany(s => s.Arguments).Where(a => KernelValues.InMemory(plan, a.Value)).Select(a => (a.Value, a.Index)).Distinct();
            bytes += read.Sum(a => (a.Index.OfNeighbour ? times : rows) * Width(a.Value));
            bytes += step.Stages.Where(s => KernelValues.InMemory(plan, s.Value)).Select(s => (s.Value, s.Kind)).Distinct()
                .Sum(s => (s.Kind == StageKind.Reduce ? rows : times) * Width(s.Value));
        }

        foreach (int value in kernel.Contraction is { } c ? [c.X.Value, c.Y.Value, c.Value] : Array.Empty<int>())
        {
            bool perType = kernel.Contraction!.Kind == ContractionKind.Linear ? value == kernel.Contraction.Y.Value : value == kernel.Contraction.Value;
            bytes += KernelValues.InMemory(plan, value) ? (perType ? graph.SizeOf(plan.Program.Types[value].Space) : rows) * Width(value) : 0;
        }

        return bytes;

        long Width(int value) => plan.Program.Types[value].Row.Width * plan.Elements[value].Bytes();
    }

    /// <summary>The bytes of all rows of a value.</summary>
    public static long BytesOf(Plan plan, int value, GraphBinding graph) =>
        graph.SizeOf(plan.Program.Types[value].Space) * plan.Program.Types[value].Row.Width * plan.Elements[value].Bytes();
}
