using Pigeon.Compiler;
using Pigeon.Kernels;

namespace Pigeon.Cli;

/// <summary>
/// What one core takes at best for a plan: for each kernel the longer of its multiply-adds at the peak and of the rows that it reads and writes, each
/// as often as the kernel asks for it, from tables of the same sizes, and nothing else. Rows that a neighbour picks come in random order. So another
/// implementation of the same plan takes as long at least, if its rows are not nearer; another plan may take less.
/// </summary>
internal sealed class PlanBound : IDisposable
{
    private readonly long[] flops;
    private readonly RowBandwidth rows;

    /// <summary>Lays out the tables of a plan.</summary>
    public PlanBound(Plan plan, GraphBinding graph)
    {
        Kernel[] kernels = [.. plan.Kernels.Where(kernel => !kernel.Once)];
        flops = [.. kernels.Select(kernel => PlanCost.Of(plan, kernel, graph).Flops)];
        rows = new([.. kernels.Select(kernel => PlanCost.Touched(plan, kernel, graph).Concat(PlanCost.TouchedByProduct(plan, kernel, graph)).ToArray())]);
    }

    /// <summary>The CPU milliseconds, as fast as the core is now.</summary>
    public double Measure()
    {
        // Of two walks over the rows, the second finds the caches as its like leaves them.
        rows.Measure();
        double before = Roofline.MeasureGflops();
        IReadOnlyList<double> rowsMs = rows.Measure();
        double gflops = (before + Roofline.MeasureGflops()) / 2;
        return flops.Zip(rowsMs, (count, ms) => Math.Max(count / gflops / 1e6, ms)).Sum();
    }

    /// <inheritdoc/>
    public void Dispose() => rows.Dispose();
}
