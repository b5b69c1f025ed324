using System.Diagnostics;
using Pigeon.Compiler;
using Pigeon.Kernels;
using Pigeon.Runtime;

namespace Pigeon.Cli;

/// <summary>
/// Measures several ways to compute one program on one graph, over the same numbers. Rounds of all of them alternate, so that what else
/// the machine does meets each.
/// </summary>
internal sealed class PlanRace : IDisposable
{
    private const int LeastRounds = 7;
    private const int MostRounds = 25;
    private static readonly TimeSpan LeastTime = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan TimePerRound = TimeSpan.FromMilliseconds(10);

    private readonly List<Executable> runners = [];
    private readonly List<Tensor> tensors = [];
    private readonly NativeBuffer arena;

    /// <summary>Binds compiled programs that take the same arguments. All keep their intermediate values in the same memory.</summary>
    /// <exception cref="PigeonException">PG0353: one does not fit in memory.</exception>
    public PlanRace(IReadOnlyList<CompiledProgram> plans, GraphBinding graph, IReadOnlyDictionary<string, float[]> numbers, int threads)
    {
        // A plan that this machine has no memory for gets none here, and is refused when it is bound.
        long most = plans.Max(plan => MemoryEstimate.Of(plan.Source.Signature, graph, threads).Arena);
        arena = new(Math.Min(most, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes));
        foreach (CompiledProgram plan in plans)
        {
            var runner = new Executable(plan.Load(), graph, threads, arena: arena);
            runners.Add(runner);
            foreach ((string name, var shape) in runner.Arguments)
            {
                if (runners.Count == 1)
                {
                    tensors.Add(Tensor.From(numbers[name], shape));
                }
            }
        }

        string[] names = [.. runners[0].Arguments.Select(argument => argument.Name)];
        foreach (Executable runner in runners)
        {
            for (int i = 0; i < names.Length; i++)
            {
                runner.Set(names[i], tensors[i]);
            }
        }
    }

    /// <summary>The least CPU milliseconds of each program: what else the machine does only adds to them.</summary>
    /// <param name="rounds">The number of rounds; null for enough of them.</param>
    /// <param name="cancellation">Asked between runs.</param>
    public double[] Measure(int? rounds, CancellationToken cancellation) => [.. Times(rounds, cancellation).Select(times => times.Min())];

    /// <summary>The least CPU milliseconds of each kernel of each program; reading the clock between kernels takes a microsecond each.</summary>
    /// <param name="kernels">How many kernels each program has.</param>
    /// <param name="cancellation">Asked between runs.</param>
    public double[][] MeasureKernels(IReadOnlyList<int> kernels, CancellationToken cancellation)
    {
        double[][] least = [.. kernels.Select(count => Enumerable.Repeat(double.PositiveInfinity, count).ToArray())];
        runners.ForEach(runner => runner.Run());
        for (int round = 0; round < LeastRounds; round++)
        {
            for (int i = 0; i < runners.Count; i++)
            {
                cancellation.ThrowIfCancellationRequested();
                double[] own = least[i];
                TimeSpan last = Environment.CpuUsage.TotalTime;
                runners[i].Run(kernel =>
                {
                    TimeSpan now = Environment.CpuUsage.TotalTime;
                    own[kernel] = Math.Min(own[kernel], (now - last).TotalMilliseconds);
                    last = now;
                });
            }
        }

        return least;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        runners.ForEach(runner => runner.Dispose());
        tensors.ForEach(tensor => tensor.Dispose());
        arena.Dispose();
    }

    private List<double>[] Times(int? rounds, CancellationToken cancellation)
    {
        List<double>[] times = [.. runners.Select(_ => new List<double>())];
        runners.ForEach(runner => runner.Run());
        int[] turns = [.. Enumerable.Range(0, runners.Count)];
        var random = new Random(1);
        long start = Stopwatch.GetTimestamp();
        for (int round = 0; IsOn(round, rounds, Stopwatch.GetElapsedTime(start)); round++)
        {
            // Nobody always follows the same one: a small plan leaves the caches warm for the next, a large one cold.
            random.Shuffle(turns);
            foreach (int turn in turns)
            {
                cancellation.ThrowIfCancellationRequested();
                times[turn].Add(RunFor(runners[turn]));
            }
        }

        return times;
    }

    private static bool IsOn(int round, int? rounds, TimeSpan elapsed) => rounds is { } given
        ? round < given
        : round < LeastRounds || (round < MostRounds && elapsed < LeastTime);

    private static double RunFor(Executable runner)
    {
        int runs = 0;
        TimeSpan cpu = Environment.CpuUsage.TotalTime;
        long start = Stopwatch.GetTimestamp();
        do
        {
            runner.Run();
            runs++;
        }
        while (Stopwatch.GetElapsedTime(start) < TimePerRound);
        return (Environment.CpuUsage.TotalTime - cpu).TotalMilliseconds / runs;
    }
}
