using Pigeon.Compiler;
using Pigeon.Kernels;

namespace Pigeon.Cli;

/// <summary>What one run of a plan on a graph does, counted from the plan; times are noisy, these are not.</summary>
/// <param name="Flops">Two for each multiply-add of its contractions.</param>
/// <param name="BytesMoved">For each kernel, the bytes of the values that it reads or writes in memory, each once.</param>
internal readonly record struct PlanCost(long Flops, long BytesMoved)
{
    /// <summary>Counts the kernels of every run; those that run once, when a graph is bound, are left out.</summary>
    public static PlanCost Of(Plan plan, GraphBinding graph)
    {
        PlanCost[] costs = [.. plan.Kernels.Where(kernel => !kernel.Once).Select(kernel => Of(plan, kernel, graph))];
        return new(costs.Sum(cost => cost.Flops), costs.Sum(cost => cost.BytesMoved));
    }

    /// <summary>Counts one kernel.</summary>
    public static PlanCost Of(Plan plan, Kernel kernel, GraphBinding graph) => new(
        kernel.Contraction is { } c ? 2L * graph.SizeOf(c.Type.From) * c.Blocks * c.Lead * c.K * c.N : 0,
        KernelValues.Reads(plan, kernel).Concat(KernelValues.Writes(plan, kernel)).Distinct().Sum(value => BytesOf(plan.Program, value, graph)));

    /// <summary>The bytes of all rows of a value.</summary>
    public static long BytesOf(Program program, int value, GraphBinding graph) =>
        graph.SizeOf(program.Types[value].Space) * program.Types[value].Row.Width * sizeof(float);
}
