using System.Collections.Immutable;
using System.Diagnostics;
using Pigeon.Cli;
using Pigeon.Compiler;
using Pigeon.Runtime;

namespace Pigeon.Benchmarks;

/// <summary>Pigeon's compiled kernels.</summary>
internal sealed class PigeonPeer : Peer
{
    private readonly Workload workload;
    private readonly CompiledProgram compiled;
    private readonly Executable executable;
    private readonly List<Tensor> tensors = [];
    private readonly Tensor? step;
    private long steps;

    /// <summary>Compiles for the workload's graph, and sets weights and inputs.</summary>
    public PigeonPeer(Workload workload, int threads)
        : base(PeerKind.Pigeon, "kernels")
    {
        this.workload = workload;
        long start = Stopwatch.GetTimestamp();
        var options = new CompileOptions { Graph = workload.IsPlannedForGraph ? workload.Graph : null, Threads = threads, Machine = PlanArguments.Machine };
        compiled = ProgramCompiler.Compile(workload.Program, options);
        executable = new(compiled.Load(), workload.Graph, threads);
        CompileMs = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        foreach ((string output, string argument) in workload.Step?.Links ?? [])
        {
            executable.Link(output, argument);
        }

        Dictionary<string, ImmutableArray<long>> shapes = executable.Arguments.ToDictionary(a => a.Name, a => a.Shape);
        foreach ((string name, Tensor tensor) in workload.Tensors(shapes))
        {
            Set(name, tensor);
        }

        if (workload.IsTraining)
        {
            step = Tensor.Zeros(shapes[TrainingStep.StepInput]);
            Set(TrainingStep.StepInput, step);
        }
    }

    /// <summary>From the program to code that is bound to the graph.</summary>
    public double CompileMs { get; }

    /// <summary>Bytes of everything that a run touches.</summary>
    public long TotalBytes => executable.TotalBytes;

    /// <summary>
    /// The least CPU milliseconds for the plan: by the median share of a run over some rounds, in each of which the bound is measured right after
    /// the run, since the speed of a machine changes.
    /// </summary>
    /// <param name="cpuMs">What a run takes.</param>
    public double BoundMs(double cpuMs)
    {
        const int rounds = 7;
        using var bound = new PlanBound(compiled.Plan, workload.Graph);
        double[] shares = new double[rounds];
        for (int round = 0; round < rounds; round++)
        {
            Run();
            TimeSpan start = Environment.CpuUsage.TotalTime;
            Run();
            double ms = (Environment.CpuUsage.TotalTime - start).TotalMilliseconds;
            shares[round] = bound.Measure() / Math.Max(ms, 1e-3);
        }

        Array.Sort(shares);
        return cpuMs * shares[rounds / 2];
    }

    public override void Run()
    {
        if (step is not null)
        {
            TrainingStep.StepNumbers(Workload.Adam, Workload.LearningRate, ++steps).CopyTo(step.Span);
        }

        executable.Run();
        executable.Advance();
    }

    public override PeerResult Result()
    {
        float[]? output = workload.HasOutput ? executable.Output(Workload.Output).Span.ToArray() : null;
        return workload.Step is null
            ? new(output, null, ImmutableDictionary<string, float[]>.Empty, ImmutableDictionary<string, float[]>.Empty)
            : new(output, executable.Output(Workload.Loss).Span[0], AdamState.Gradients(workload, Argument),
                AdamState.Weights(workload, Argument));
    }

    public override void Dispose()
    {
        executable.Dispose();
        tensors.ForEach(tensor => tensor.Dispose());
    }

    private float[] Argument(string name) => executable.Argument(name).Span.ToArray();

    private void Set(string name, Tensor tensor)
    {
        tensors.Add(tensor);
        executable.Set(name, tensor);
    }
}
