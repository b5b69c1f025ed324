using System.Diagnostics;
using System.Globalization;
using Pigeon.Compiler;
using Pigeon.Datasets;
using Pigeon.Kernels;
using Pigeon.Models;
using Pigeon.Runtime;

namespace Pigeon.Cli;

/// <summary>
/// Measures one model on one graph: as compiled kernels, and operator by operator. Rounds of the two alternate, so that what
/// else the machine does meets both.
/// </summary>
internal sealed class BenchCase : IDisposable
{
    private const ulong Seed = 1;

    /// <summary>The largest relative error of results whose rows are kept in bfloat16, and of gradients, whose terms cancel.</summary>
    private const double NarrowTolerance = 1e-2;

    private const double NarrowGradientTolerance = 3e-2;
    private const int LeastRounds = 5;
    private static readonly TimeSpan LeastTime = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan WarmUp = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan LongestSettling = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan KernelTimePerRound = TimeSpan.FromMilliseconds(20);

    private readonly BenchWork work;
    private readonly GraphDataset dataset;
    private readonly GraphBinding graph;
    private readonly Lazy<Dictionary<string, float[]>> numbers;
    private readonly Plan plan;
    private readonly bool fromCache;
    private readonly string device;
    private readonly ElementType storage;
    private readonly double tolerance;
    private readonly BoundProgram kernels;
    private readonly int threads;
    private readonly double compileMs;
    private readonly double compileCpuMs;
    private readonly List<double> kernelMs = [];
    private readonly List<double> cpuMs = [];
    private readonly List<double> unfusedMs = [];

    /// <summary>Compiles the model and binds it to the graph, with random numbers.</summary>
    /// <param name="work">What is measured.</param>
    /// <param name="dataset">The graph.</param>
    /// <param name="options">How the program is compiled, for the graph.</param>
    /// <param name="threads">The threads of the kernels.</param>
    /// <param name="requireMemory">Told the bytes of a run before they are taken; may refuse.</param>
    /// <param name="gpu">The GPU that runs it, which must outlive the case; null for the CPU.</param>
    public BenchCase(BenchWork work, GraphDataset dataset, CompileOptions options, int threads, Action<long> requireMemory, IGpuDevice? gpu = null)
    {
        this.work = work;
        storage = options.Storage;
        tolerance = storage == ElementType.F32 ? work.Tolerance : work.Mode == BenchWork.Training ? NarrowGradientTolerance : NarrowTolerance;
        this.dataset = dataset;
        this.threads = threads;
        graph = dataset.Graph.Binding;
        bool fixedWeights = work.Mode == BenchWork.Inference;
        long start = Stopwatch.GetTimestamp();
        TimeSpan cpu = Environment.CpuUsage.TotalTime;
        device = gpu?.Name ?? DeviceArguments.Cpu;
        if (gpu is null)
        {
            CompiledProgram compiled = ProgramCompiler.Compile(work.Program, options with { FixedWeights = fixedWeights });
            GeneratedProgram program = compiled.Load();
            (compileMs, compileCpuMs) = Elapsed(start, cpu);

            // Only the report needs the plan, and one from the cache has none yet.
            (plan, fromCache) = (compiled.Plan, compiled.FromCache);
            requireMemory(MemoryEstimate.Of(program.Signature, graph, threads).Total);
            kernels = new(program, graph, threads);
        }
        else
        {
            (plan, GpuProgram program) = GpuCompiler.Compile(work.Program, graph, gpu.Limits.Architecture, fixedWeights: fixedWeights, atomicSums: options.AtomicSums);
            (compileMs, compileCpuMs) = Elapsed(start, cpu);
            requireMemory(MemoryEstimate.Of(program.Signature.Program, graph, threads: 1).Total);
            kernels = new(new GpuExecutable(program, graph, gpu), device: null);
        }

        foreach ((string name, Tensor value) in RandomWeights.CreateTensors(work.Program, graph, Seed))
        {
            kernels.Set(name, value);
        }

        kernels.Set(work.Fixed(graph));
        numbers = new(Numbers);
    }

    /// <summary>Measures.</summary>
    /// <param name="rounds">The number of rounds; null for at least five, and at least a second.</param>
    /// <param name="withUnfused">Whether to measure the execution operator by operator too, and to compare the two results.</param>
    /// <param name="roofline">What one core can do at best, to measure each kernel by itself too; null for not doing so.</param>
    /// <param name="cancellation">Asked between rounds.</param>
    /// <exception cref="InvalidOperationException">The two results differ.</exception>
    public BenchCell Measure(int? rounds, bool withUnfused, Roofline? roofline, CancellationToken cancellation)
    {
        kernels.Run();
        double? error = withUnfused ? Compare() : null;
        Repeat(kernels.RunToEnd, cancellation);
        if (withUnfused)
        {
            Repeat(() => RunUnfused(), cancellation);
        }

        Settle(cancellation);
        long start = Stopwatch.GetTimestamp();
        for (int round = 0; round < rounds || (rounds is null && (round < LeastRounds || Stopwatch.GetElapsedTime(start) < LeastTime)); round++)
        {
            cancellation.ThrowIfCancellationRequested();
            MeasureKernels();
            if (withUnfused)
            {
                long unfused = Stopwatch.GetTimestamp();
                RunUnfused();
                unfusedMs.Add(Stopwatch.GetElapsedTime(unfused).TotalMilliseconds);
            }
        }

        return Report(error, roofline is null
            ? null
            : new KernelTimes(plan, graph, kernels).Measure(roofline, rounds, cancellation));
    }

    /// <inheritdoc/>
    public void Dispose() => kernels.Dispose();

    private static (double WallMs, double CpuMs) Elapsed(long start, TimeSpan cpu) =>
        (Stopwatch.GetElapsedTime(start).TotalMilliseconds, (Environment.CpuUsage.TotalTime - cpu).TotalMilliseconds);

    private static void Repeat(Action run, CancellationToken cancellation)
    {
        long start = Stopwatch.GetTimestamp();
        do
        {
            cancellation.ThrowIfCancellationRequested();
            run();
        }
        while (Stopwatch.GetElapsedTime(start) < WarmUp);
    }

    /// <summary>Waits until the runtime has optimised what ran so far; it does so on a thread that would count as CPU time.</summary>
    private static void Settle(CancellationToken cancellation)
    {
        const double busy = 0.1;
        TimeSpan window = TimeSpan.FromMilliseconds(120);
        TimeSpan used;

        // It begins so long after the last new code, by a setting of the tool's project.
        if (AppContext.GetData("System.Runtime.TieredCompilation.CallCountingDelayMs") is string delay)
        {
            cancellation.WaitHandle.WaitOne(int.Parse(delay, CultureInfo.InvariantCulture));
        }

        long start = Stopwatch.GetTimestamp();
        do
        {
            cancellation.ThrowIfCancellationRequested();
            TimeSpan before = Environment.CpuUsage.TotalTime;
            Thread.Sleep(window);
            used = Environment.CpuUsage.TotalTime - before;
        }
        while (used > busy * window && Stopwatch.GetElapsedTime(start) < LongestSettling);
    }

    private IReadOnlyDictionary<string, float[]> RunUnfused() => Evaluator<float>.Run(work.Program, graph, numbers.Value);

    /// <summary>What the kernels were given, for the execution operator by operator: where that is not measured, there is no second copy.</summary>
    private Dictionary<string, float[]> Numbers()
    {
        Dictionary<string, float[]> all = new([.. RandomWeights.Create(work.Program, graph, Seed), .. RandomWeights.CreateInputs(work.Program, graph, Seed)]);
        foreach ((string name, float[] value) in work.Fixed(graph))
        {
            all[name] = value;
        }

        return all;
    }

    /// <summary>Several runs a round where they are short: one alone would meet only cold caches.</summary>
    private void MeasureKernels()
    {
        long round = Stopwatch.GetTimestamp();
        do
        {
            TimeSpan cpu = Environment.CpuUsage.TotalTime;
            long start = Stopwatch.GetTimestamp();
            kernels.RunToEnd();
            kernelMs.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            cpuMs.Add((Environment.CpuUsage.TotalTime - cpu).TotalMilliseconds);
        }
        while (Stopwatch.GetElapsedTime(round) < KernelTimePerRound);
    }

    /// <summary>The largest ‖kernels − unfused‖ / ‖unfused‖ of the outputs that are compared.</summary>
    private double Compare()
    {
        IReadOnlyDictionary<string, float[]> expected = RunUnfused();
        return work.Compared.Max(output => Compare(output, expected[output]));
    }

    private double Compare(string output, float[] expected)
    {
        Span<float> actual = kernels.Output(output).Span;
        double difference = 0;
        double norm = 0;
        for (int i = 0; i < expected.Length; i++)
        {
            difference += Math.Pow((double)actual[i] - expected[i], 2);
            norm += Math.Pow(expected[i], 2);
        }

        double error = Math.Sqrt(difference) / Math.Max(Math.Sqrt(norm), double.Epsilon);
        bool agrees = actual.Length == expected.Length && (difference == 0 || error <= tolerance);
        return agrees ? error : throw new InvalidOperationException(FormattableString.Invariant(
            $"{work.Model} on {dataset.Name}, {output}: kernels and operators differ by {error:E2}, more than {tolerance:E0}"));
    }

    private BenchCell Report(double? error, IReadOnlyList<BenchKernel>? perKernel)
    {
        PlanCost cost = PlanCost.Of(plan, graph);
        double median = Median(kernelMs);
        double? unfused = unfusedMs.Count > 0 ? Median(unfusedMs) : null;
        return new(work.Model, dataset.Name, work.Mode, threads, work.In, work.Out, dataset.Graph.NodeCount,
            dataset.Graph.EdgeCount, compileMs, compileCpuMs, fromCache, plan.Kernels.Count(kernel => !kernel.Once), kernelMs.Count, median, Median(cpuMs),
            cost.Flops / median / 1e6, cost.BytesMoved, kernels.TotalBytes, unfused, unfused / median, error, perKernel, device, storage.ToString().ToLowerInvariant());
    }

    /// <summary>The middle one.</summary>
    internal static double Median(List<double> values)
    {
        double[] sorted = [.. values.Order()];
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
