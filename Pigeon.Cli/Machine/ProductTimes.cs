using System.Globalization;
using Pigeon.Compiler;
using Pigeon.Kernels;
using Pigeon.Models;
using Pigeon.Runtime;
using static Pigeon.Kernels.HeteroSchema;

namespace Pigeon.Cli;

/// <summary>
/// Measures products of several shapes, each compiled as a program of its own, as shares of the multiply-adds that one core does at best: rows times
/// one matrix, rows times the slice of their type, and weight gradients.
/// </summary>
internal static class ProductTimes
{
    private const string Dense = "dense";
    private const int Types = 4;
    private const double LeastMs = 1;
    private const int TrialSteps = 1 << 16;
    private const ulong Seed = 1;

    /// <summary>The extents of the matrices, and the rows: x, y and a slice lie in the second or third level of the cache.</summary>
    private static readonly (int K, int N, int Rows)[] Shapes =
    [
        (64, 64, 2048), (37, 29, 4096), (256, 256, 2048), (512, 512, 1024), (1024, 1024, 1024),
    ];

    /// <summary>Measures.</summary>
    /// <param name="rounds">The turns of each product, and of the peak.</param>
    /// <param name="cancellation">Asked between turns.</param>
    public static ProductReport Run(int rounds, CancellationToken cancellation)
    {
        var times = new List<ProductTime>();
        foreach ((int k, int n, int rows) in Shapes)
        {
            GraphBinding graph = Graph(rows);
            Add(Dense, p => p.Input("x", Nodes, k).Linear(p.Weight("w", IndexSpace.One, k, n)));
            Add("typed", p => p.Input("x", Nodes, k).Linear(p.Weight("w", NodeTypes, k, n), NType));
            Add("weight gradient", p => p.Add(new Operator.OuterSum(p.Input("x", Nodes, k).Id, p.Input("y", Nodes, n).Id, NType)));

            void Add(string kind, Func<ProgramBuilder, Value> body)
            {
                var p = new ProgramBuilder("product");
                p.Return("product", body(p));
                long flops = 2L * rows * k * n;
                (double ms, double share) = Measure(p.Build(), graph, flops, rounds, cancellation);
                times.Add(new(kind, k, n, rows, ms, flops / ms / 1e6, share, kind == Dense ? 0.9 : 0.65));
            }
        }

        return new(times);
    }

    private static (double Ms, double Share) Measure(Program program, GraphBinding graph, long flops, int rounds, CancellationToken cancellation)
    {
        using var bound = new BoundProgram(ProgramCompiler.Compile(program).Load(), graph, threads: 1);
        bound.Set(RandomWeights.Create(program, graph, Seed));
        bound.Set(RandomWeights.CreateInputs(program, graph, Seed));
        bound.Run();
        int runs = (int)Math.Ceiling(LeastMs / RunFor(bound, 1));
        double ms = RunFor(bound, runs);

        // Peak and product take turns, each for as long: what a core can do changes while others are busy, and the best of each says what it can alone.
        int steps = (int)Math.Clamp(runs * ms / PeakFor(TrialSteps).Ms * TrialSteps, TrialSteps, int.MaxValue / 2);
        double peak = 0;
        for (int round = 0; round < rounds; round++)
        {
            cancellation.ThrowIfCancellationRequested();
            peak = Math.Max(peak, PeakFor(steps).Gflops);
            ms = Math.Min(ms, RunFor(bound, runs));
        }

        return (ms, flops / ms / 1e6 / peak);
    }

    /// <summary>The CPU milliseconds of a run.</summary>
    private static double RunFor(BoundProgram bound, int runs)
    {
        TimeSpan start = Environment.CpuUsage.TotalTime;
        for (int run = 0; run < runs; run++)
        {
            bound.Run();
        }

        return Math.Max((Environment.CpuUsage.TotalTime - start).TotalMilliseconds, 1e-3) / runs;
    }

    private static (double Ms, double Gflops) PeakFor(int steps)
    {
        TimeSpan start = Environment.CpuUsage.TotalTime;
        double gflops = Roofline.MeasureGflops(steps);
        return (Math.Max((Environment.CpuUsage.TotalTime - start).TotalMilliseconds, 1e-3), gflops);
    }

    private static GraphBinding Graph(int rows) =>
        HeteroGraph.Create([.. Enumerable.Range(0, Types).Select(type => $"t{type.ToString(CultureInfo.InvariantCulture)}")], [],
            [.. Enumerable.Range(0, rows).Select(row => row * Types / rows)], [], [], []).Binding;
}

/// <summary>What was measured.</summary>
/// <param name="Products">The products.</param>
internal sealed record ProductReport(IReadOnlyList<ProductTime> Products);

/// <summary>A product that was measured.</summary>
/// <param name="Kind">Dense, typed, or a weight gradient; of four types where rows have types.</param>
/// <param name="K">The columns of x.</param>
/// <param name="N">The columns of y.</param>
/// <param name="Rows">The rows.</param>
/// <param name="CpuMs">The least CPU time of a run.</param>
/// <param name="Gflops">10⁹ floating-point operations a second.</param>
/// <param name="FmaShare">The share of the multiply-adds that one core does at best, measured in turns with the product.</param>
/// <param name="Aim">What a product of its kind should reach.</param>
internal sealed record ProductTime(string Kind, int K, int N, int Rows, double CpuMs, double Gflops, double FmaShare, double Aim);
