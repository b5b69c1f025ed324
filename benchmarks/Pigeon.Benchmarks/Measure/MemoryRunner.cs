using System.Runtime.CompilerServices;
using Pigeon.Compiler;
using Pigeon.Datasets;
using Pigeon.Kernels;
using Pigeon.Models;
using static Pigeon.Kernels.HeteroSchema;

namespace Pigeon.Benchmarks;

/// <summary>Runs a training step where it fits, and notes what the process holds at its peak; peers are estimated only.</summary>
/// <param name="limit">The bytes that a step may be estimated to take.</param>
/// <param name="threads">Pigeon's threads.</param>
internal sealed class MemoryRunner(long limit, int threads)
{
    private const string Status = "/proc/self/status";
    private const string ClearReferences = "/proc/self/clear_refs";
    private const string ResetPeak = "5";
    private const string PeakField = "VmHWM:";

    /// <summary>Measures one model on a graph.</summary>
    public MemoryCell Run(string name, ModelProgram model, GraphDataset dataset)
    {
        MemoryPeer[] peers = PeersOf(model, dataset);

        // Earlier cells, and the estimates of peers, have derived what this one may not need.
        dataset.Graph.Binding.LetGo();
        bool canTell = ForgetPeak();
        Workload workload = Workload.OfLayer(model, dataset.Graph.Binding, training: true, isCompared: false);
        long estimate = Estimate(workload);
        double? step = estimate <= limit ? Step(workload) : null;
        return new(name, dataset.Name, workload.Graph.SizeOf(Nodes), workload.Graph.SizeOf(Edges), threads, estimate,
            step is not null && canTell ? Peak() : null, step, limit, peers);
    }

    /// <summary>What the peers are estimated to take. Their form of the graph goes when that is known.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static MemoryPeer[] PeersOf(ModelProgram model, GraphDataset dataset)
    {
        var graph = new TorchGraph(dataset.Graph);
        return [.. FormulationCatalog.Of(model).Select(entry => new MemoryPeer(entry.Kind, entry.Name, entry.Bytes(graph, true)))];
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private long Estimate(Workload workload)
    {
        CompiledProgram compiled = ProgramCompiler.Compile(workload.Program, new() { Graph = workload.Graph, Threads = threads });
        return MemoryEstimate.Of(compiled.Load().Signature, workload.Graph, threads).Total;
    }

    private double Step(Workload workload)
    {
        using var pigeon = new PigeonPeer(workload, threads);
        pigeon.Run();
        TimeSpan cpu = Environment.CpuUsage.TotalTime;
        pigeon.Run();
        return (Environment.CpuUsage.TotalTime - cpu).TotalMilliseconds;
    }

    /// <summary>What an earlier cell took and gave back does not count; false where the system can't forget it.</summary>
    private static bool ForgetPeak()
    {
        if (!File.Exists(ClearReferences))
        {
            return false;
        }

        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        Malloc.Trim();
        File.WriteAllText(ClearReferences, ResetPeak);
        return true;
    }

    private static long Peak()
    {
        const long kilobyte = 1024;
        string line = File.ReadLines(Status).First(l => l.StartsWith(PeakField, StringComparison.Ordinal));
        return kilobyte * long.Parse(line[PeakField.Length..].Replace("kB", "", StringComparison.Ordinal).Trim(), System.Globalization.CultureInfo.InvariantCulture);
    }
}
