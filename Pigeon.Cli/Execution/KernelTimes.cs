using System.Diagnostics;
using System.Globalization;
using Pigeon.Compiler;
using Pigeon.Kernels;

namespace Pigeon.Cli;

/// <summary>
/// Measures each kernel of a bound program by itself, in the order in which they run. What one core can do is measured in the same rounds, right
/// beside each kernel, all in CPU time, and a share is the median of the rounds' shares: so they hold on a machine whose speed changes.
/// </summary>
internal sealed class KernelTimes
{
    private const int LeastRuns = 9;
    private static readonly TimeSpan LeastTime = TimeSpan.FromSeconds(1);
    private readonly Plan plan;
    private readonly GraphBinding graph;
    private readonly BoundProgram bound;
    private readonly PlanCost[] costs;
    private readonly List<double>[] times;
    private readonly List<double>[] multiplyShares;
    private readonly List<double>[] rowShares;
    private readonly double[] lastMs;
    private TimeSpan last;
    private double lastGflops;

    /// <summary>Prepares what is measured beside the kernels.</summary>
    public KernelTimes(Plan plan, GraphBinding graph, BoundProgram bound)
    {
        (this.plan, this.graph, this.bound) = (plan, graph, bound);
        costs = [.. plan.Kernels.Select(kernel => PlanCost.Of(plan, kernel, graph))];
        times = Lists();
        multiplyShares = Lists();
        rowShares = Lists();
        lastMs = new double[plan.Kernels.Count];

        List<double>[] Lists() => [.. plan.Kernels.Select(_ => new List<double>())];
    }

    /// <summary>Measures; reading the clock between kernels takes a microsecond each.</summary>
    /// <param name="roofline">What one core can do at best.</param>
    /// <param name="runs">The number of runs; null for at least nine, and at least a second.</param>
    /// <param name="cancellation">Asked between runs.</param>
    public IReadOnlyList<BenchKernel> Measure(Roofline roofline, int? runs, CancellationToken cancellation)
    {
        using var bandwidth = new RowBandwidth([.. plan.Kernels.Select(k => k.Once ? [] : PlanCost.Touched(plan, k, graph).ToArray())]);
        long start = Stopwatch.GetTimestamp();
        for (int run = 0; run < runs || (runs is null && (run < LeastRuns || Stopwatch.GetElapsedTime(start) < LeastTime)); run++)
        {
            cancellation.ThrowIfCancellationRequested();

            // Of two runs, and of two walks over rows, the second finds the caches as its like leaves them.
            bound.Run();
            lastGflops = Roofline.MeasureGflops();
            last = Environment.CpuUsage.TotalTime;
            bound.Run(Ended);
            bandwidth.Measure();
            IReadOnlyList<double> rowsAlone = bandwidth.Measure();
            for (int kernel = 0; kernel < rowShares.Length; kernel++)
            {
                rowShares[kernel].Add(rowsAlone[kernel] / lastMs[kernel]);
            }
        }

        return [.. plan.Kernels.Items.Select((kernel, number) => (kernel, number)).Where(k => !k.kernel.Once)
            .Select(k => Report(k.kernel, k.number, roofline))];
    }

    /// <summary>The shape of a kernel: a contraction's extents, a traversal's loops.</summary>
    public static string Describe(Kernel kernel) => kernel.Contraction is { } c
        ? string.Create(CultureInfo.InvariantCulture, $"{(c.Kind == ContractionKind.Linear ? "gemm" : "outer sum")} {Times(c.Blocks)}{Times(c.Lead)}{c.K} x {c.N}")
        : string.Join(", ", kernel.Before.Select(s => s.Loop is null ? "rows" : $"along {s.Loop}").Distinct()) is { Length: > 0 } loops ? loops : "rows";

    private void Ended(int kernel)
    {
        double ms = Math.Max((Environment.CpuUsage.TotalTime - last).TotalMilliseconds, 1e-6);
        double gflops = Roofline.MeasureGflops();
        times[kernel].Add(ms);
        lastMs[kernel] = ms;
        multiplyShares[kernel].Add(costs[kernel].Flops / ms / 1e6 / ((gflops + lastGflops) / 2));
        lastGflops = gflops;
        last = Environment.CpuUsage.TotalTime;
    }

    private BenchKernel Report(Kernel kernel, int number, Roofline roofline)
    {
        PlanCost cost = costs[number];
        double ms = BenchCase.Median(times[number]);
        double multiply = BenchCase.Median(multiplyShares[number]);
        BenchKernelKind kind = KindOf(kernel);
        return new(kernel.Name, Describe(kernel), graph.SizeOf(kernel.Rows), ms, cost.Flops > 0 ? cost.Flops / ms / 1e6 : null,
            PlanCost.BytesTouched(plan, kernel, graph) / ms / 1e6, Math.Max(multiply, cost.BytesMoved / roofline.StreamGbs / 1e6 / ms), kind,
            kernel.Contraction is null ? null : multiply,
            kind is BenchKernelKind.Traversal or BenchKernelKind.FusedGemm ? BenchCase.Median(rowShares[number]) : null);
    }

    private static BenchKernelKind KindOf(Kernel kernel) => kernel.Contraction switch
    {
        null => BenchKernelKind.Traversal,
        _ when kernel.Steps.Any(step => step.Loop is not null) => BenchKernelKind.FusedGemm,
        { Kind: ContractionKind.OuterSum } => BenchKernelKind.OuterSum,
        { Type.To: IndexSpace.OneSpace } => BenchKernelKind.DenseGemm,
        _ => BenchKernelKind.TypedGemm,
    };

    private static string Times(int extent) => extent > 1 ? string.Create(CultureInfo.InvariantCulture, $"{extent} x ") : "";
}
