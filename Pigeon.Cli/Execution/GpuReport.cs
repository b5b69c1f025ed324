using Pigeon.Compiler;
using Pigeon.Kernels;
using Pigeon.Runtime;
using Pigeon.Simulator;

namespace Pigeon.Cli;

/// <summary>What is known of a plan's CUDA kernels without a GPU.</summary>
/// <param name="Program">The program's name.</param>
/// <param name="Architecture">What it is compiled for, as in <c>sm_90</c>.</param>
/// <param name="Precision">What its GEMMs multiply in.</param>
/// <param name="Nvrtc">The compiler's version.</param>
/// <param name="Graph">The graph whose counts and simulated run these are; null without one.</param>
/// <param name="Sizes">The rows of its spaces.</param>
/// <param name="Launches">The launches of a run.</param>
/// <param name="LaunchesOnce">The launches before the first run.</param>
/// <param name="NotSimulated">Why there are no simulated counts; null where there are.</param>
/// <param name="Kernels">Each launch.</param>
/// <param name="SimulatedBytes">The bytes that a run asks of memory, in whole sectors of 32; null without a simulated run.</param>
/// <param name="LowerBoundBytes">The rows and indices that the plan's kernels have to ask for.</param>
internal sealed record GpuReport(string Program, string Architecture, string Precision, string Nvrtc, string? Graph,
    IReadOnlyDictionary<string, int>? Sizes, int Launches, int LaunchesOnce, string? NotSimulated,
    IReadOnlyList<GpuKernelReport> Kernels, long? SimulatedBytes, long? LowerBoundBytes)
{
    private const int MostSimulatedRows = 20_000;

    /// <summary>Makes the report.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="source">Its kernels.</param>
    /// <param name="compiled">What NVRTC made of them.</param>
    /// <param name="architecture">The architecture, as in 90.</param>
    /// <param name="precision">What GEMMs multiply in.</param>
    /// <param name="graph">The graph and its name; null for a report without counts.</param>
    /// <exception cref="PigeonException">PG02xx: the graph does not provide what the program needs.</exception>
    public static GpuReport Of(Plan plan, CudaSource source, CompiledCuda compiled, int architecture, GemmPrecision precision,
        (string Name, GraphBinding Binding)? graph)
    {
        GraphBinding? binding = graph?.Binding;
        string? notSimulated = binding is null ? "there is no graph: give --dataset or --graph"
            : binding.Sizes.Values.Max() is var rows and > MostSimulatedRows
                ? $"the graph's {Format.Count(rows)} rows of a space are more than the {Format.Count(MostSimulatedRows)} that a report simulates"
            : null;
        var counters = notSimulated is null ? GpuSimulation.Run(plan.Program, source, compiled.Image, binding!) : null;
        var instructions = Nvdisasm.Missing is null ? Nvdisasm.Count(compiled.Image) : null;
        IReadOnlyList<KernelResources> resources = KernelResources.Parse(compiled.Log);
        var counted = new HashSet<string>();
        var simulated = new HashSet<string>();
        var kernels = source.Signature.Launches.Select(launch =>
        {
            // Counts are sums over all launches of a kernel's code, and told at the first. The joining of runs, or the clearing before them, is no kernel of the plan; of a kernel in several launches all is told at the first.
            Kernel[] work = launch.Grid == GpuGridKind.Results ? []
                : [.. plan.Kernels.Items.Where(kernel => launch.Members.Any(member => member.Kernel == kernel.Name) && counted.Add(kernel.Name))];
            return GpuKernelReport.Of(plan, launch, work, resources.Single(r => r.Name == launch.Kernel),
                simulated.Add(launch.Kernel) ? counters?.GetValueOrDefault(launch.Kernel) : null, instructions?.GetValueOrDefault(launch.Kernel), precision, binding);
        }).ToArray();
        int once = source.Signature.Launches.Count(l => l.Once);
        return new(plan.Program.Name, $"sm_{architecture}", precision.ToString().ToLowerInvariant(), Runtime.Nvrtc.Found.Version, graph?.Name,
            binding?.Sizes, kernels.Length - once, once, notSimulated, kernels,
            counters is null ? null : kernels.Where(k => !k.Once).Sum(k => k.Simulated?.SectorBytes ?? 0),
            binding is null ? null : GpuTraffic.LowerBound(plan, binding));
    }
}

/// <summary>What is known of one launch.</summary>
/// <param name="Name">The kernel.</param>
/// <param name="Members">The pieces of work that it does side by side, by the same code.</param>
/// <param name="Once">Whether it runs once, before the first run.</param>
/// <param name="Threads">Threads of a block.</param>
/// <param name="Registers">Registers of a thread.</param>
/// <param name="SpillBytes">Bytes that a thread spills.</param>
/// <param name="StackBytes">Local memory of a thread.</param>
/// <param name="SharedBytes">Shared memory of a block.</param>
/// <param name="OccupancySm80">The share of an sm_80 multiprocessor's threads that can be resident.</param>
/// <param name="OccupancySm90">The same of sm_90.</param>
/// <param name="MachineInstructions">How often each machine instruction stands in the code; null without <c>nvdisasm</c>.</param>
/// <param name="Simulated">What the simulator counted in all launches of the code; null where it did not run, the graph left nothing to do, or an earlier
/// launch of the same code has it.</param>
/// <param name="Flops">Two for each multiply-add of contractions; 0 of a join, and without a graph.</param>
/// <param name="Bytes">The bytes of the values that it reads or writes, each once; 0 of a join, and without a graph.</param>
/// <param name="PredictedUsA100">The roofline's time on an A100, in microseconds: a prediction.</param>
/// <param name="PredictedUsH100">The same on an H100.</param>
internal sealed record GpuKernelReport(string Name, int Members, bool Once, int Threads, int Registers, int SpillBytes, int StackBytes, int SharedBytes,
    double OccupancySm80, double OccupancySm90, IReadOnlyDictionary<string, int>? MachineInstructions, GpuKernelCounts? Simulated,
    long Flops, long Bytes, double PredictedUsA100, double PredictedUsH100)
{
    /// <summary>Puts together what is known.</summary>
    public static GpuKernelReport Of(Plan plan, GpuLaunchSignature launch, Kernel[] work, KernelResources k, KernelCounters? counters,
        IReadOnlyDictionary<string, int>? instructions, GemmPrecision precision, GraphBinding? graph)
    {
        PlanCost[] costs = [.. graph is null ? [] : work.Select(kernel => PlanCost.Of(plan, kernel, graph))];
        (long flops, long bytes) = (costs.Sum(c => c.Flops), costs.Sum(c => c.BytesMoved));

        // Kernels that share a launch have the same code, and so multiply in the same.
        GemmPrecision used = work.Length == 0 ? precision : CudaEmitter.PrecisionOf(plan, work[0], precision);
        double Time(GpuPeaks peaks) => 1e6 * Math.Max(flops / peaks.Flops(used), bytes / peaks.MemoryBytes);
        return new(k.Name, launch.Members.Length, launch.Once, launch.Threads, k.Registers, k.SpillBytes, k.StackBytes, k.SharedBytes, k.Occupancy(80, launch.Threads),
            k.Occupancy(90, launch.Threads), instructions, counters is null ? null : GpuKernelCounts.Of(counters), flops, bytes,
            Time(GpuPeaks.A100), Time(GpuPeaks.H100));
    }
}

/// <summary>What the simulator counted of a launch.</summary>
/// <param name="WarpInstructions">Instructions of warps.</param>
/// <param name="Mix">The same by class.</param>
/// <param name="Flops">Floating-point operations, those of steps among them.</param>
/// <param name="GlobalRequests">Requests of warps to memory of the device.</param>
/// <param name="SectorsPerRequest">Sectors of 32 bytes that a request takes; 32 lanes that ask for 4 bytes in a row each take 4.</param>
/// <param name="SectorsPer128Bytes">Sectors for 128 bytes asked for: 4 where all are used.</param>
/// <param name="SectorBytes">The bytes of all sectors.</param>
/// <param name="DistinctBytes">The bytes of all sectors, each counted once: what no cache can save.</param>
/// <param name="SharedWavefronts">Wavefronts of shared memory.</param>
/// <param name="BankConflicts">Those beyond the fewest.</param>
/// <param name="DivergentBranches">Jumps at which lanes of a warp parted.</param>
internal sealed record GpuKernelCounts(long WarpInstructions, IReadOnlyDictionary<string, long> Mix, long Flops, long GlobalRequests,
    double SectorsPerRequest, double SectorsPer128Bytes, long SectorBytes, long DistinctBytes, long SharedWavefronts, long BankConflicts,
    long DivergentBranches)
{
    private const int SectorOfBytes = 32;

    /// <summary>Takes them from the counters.</summary>
    public static GpuKernelCounts Of(KernelCounters c) => new(c.WarpInstructions,
        Enum.GetValues<InstructionClass>().Where(k => c.Count(k) > 0).ToDictionary(k => k.ToString(), c.Count), c.Flops, c.Global.Requests,
        c.Global.UnitsPerRequest, 128.0 * c.Global.Units / Math.Max(1, c.Global.Bytes), SectorOfBytes * c.Global.Units,
        c.UniqueBytesRead + c.UniqueBytesWritten, c.Shared.Units, c.Shared.Excess, c.DivergentBranches);
}
