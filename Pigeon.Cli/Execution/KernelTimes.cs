using System.Diagnostics;
using System.Globalization;
using Pigeon.Compiler;
using Pigeon.Kernels;

namespace Pigeon.Cli;

/// <summary>Measures each kernel of a bound program by itself, in the order in which they run.</summary>
internal sealed class KernelTimes(Plan plan, GraphBinding graph, BoundProgram bound)
{
    private const int LeastRuns = 9;
    private static readonly TimeSpan LeastTime = TimeSpan.FromSeconds(1);
    private readonly List<double>[] times = [.. plan.Kernels.Select(_ => new List<double>())];
    private TimeSpan last;

    /// <summary>Measures; reading the clock between kernels takes a microsecond each.</summary>
    /// <param name="roofline">What one core can do at best.</param>
    /// <param name="bandwidth">How fast it reads rows.</param>
    /// <param name="runs">The number of runs; null for at least nine, and at least a second.</param>
    /// <param name="cancellation">Asked between runs.</param>
    public IReadOnlyList<BenchKernel> Measure(Roofline roofline, RowBandwidth bandwidth, int? runs, CancellationToken cancellation)
    {
        long start = Stopwatch.GetTimestamp();
        for (int run = 0; run < runs || (runs is null && (run < LeastRuns || Stopwatch.GetElapsedTime(start) < LeastTime)); run++)
        {
            cancellation.ThrowIfCancellationRequested();
            last = Environment.CpuUsage.TotalTime;
            bound.Run(Ended);
        }

        return [.. plan.Kernels.Items.Select((kernel, number) => (kernel, number)).Where(k => !k.kernel.Once)
            .Select(k => Report(k.kernel, times[k.number], roofline, bandwidth))];
    }

    private void Ended(int kernel)
    {
        TimeSpan now = Environment.CpuUsage.TotalTime;
        times[kernel].Add((now - last).TotalMilliseconds);
        last = Environment.CpuUsage.TotalTime;
    }

    private BenchKernel Report(Kernel kernel, List<double> measured, Roofline roofline, RowBandwidth bandwidth)
    {
        PlanCost cost = PlanCost.Of(plan, kernel, graph);
        double ms = Math.Max(BenchCase.Median(measured), 1e-6);
        double least = Math.Max(cost.Flops / roofline.Gflops, cost.BytesMoved / roofline.StreamGbs) / 1e6;
        return new(kernel.Name, Describe(kernel), graph.SizeOf(kernel.Rows), ms, cost.Flops > 0 ? cost.Flops / ms / 1e6 : null,
            PlanCost.BytesTouched(plan, kernel, graph) / ms / 1e6, least / ms, KindOf(kernel),
            kernel.Contraction is null ? null : cost.Flops / ms / 1e6 / roofline.Gflops,
            kernel.Contraction is null ? RowsAlone(kernel, bandwidth) / ms : null);
    }

    /// <summary>The milliseconds to read as many rows of the same widths, from tables of the same sizes.</summary>
    private double RowsAlone(Kernel kernel, RowBandwidth bandwidth) =>
        PlanCost.Touched(plan, kernel, graph).Sum(rows => rows.Bytes / bandwidth.Gbs(rows.RowFloats, rows.TableBytes, !rows.IsGathered)) / 1e6;

    private static BenchKernelKind KindOf(Kernel kernel) => kernel.Contraction switch
    {
        null => BenchKernelKind.Traversal,
        { Kind: ContractionKind.OuterSum } => BenchKernelKind.OuterSum,
        { Type.To: IndexSpace.OneSpace } => BenchKernelKind.DenseGemm,
        _ => BenchKernelKind.TypedGemm,
    };

    private static string Describe(Kernel kernel) => kernel.Contraction is { } c
        ? string.Create(CultureInfo.InvariantCulture, $"{(c.Kind == ContractionKind.Linear ? "gemm" : "outer sum")} {Times(c.Blocks)}{Times(c.Lead)}{c.K} x {c.N}")
        : string.Join(", ", kernel.Before.Select(s => s.Loop is null ? "rows" : $"along {s.Loop}").Distinct()) is { Length: > 0 } loops ? loops : "rows";

    private static string Times(int extent) => extent > 1 ? string.Create(CultureInfo.InvariantCulture, $"{extent} x ") : "";
}
