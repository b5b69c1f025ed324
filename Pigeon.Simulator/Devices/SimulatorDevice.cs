using Pigeon.Kernels;
using Pigeon.Runtime;

namespace Pigeon.Simulator;

/// <summary>
/// The simulator as a device of the runtime: generated programs run on it as they do on a GPU, with every check. Work is done when it is
/// asked for. A launch that shows a fault of its kernel throws.
/// </summary>
public sealed class SimulatorDevice : IGpuDevice
{
    private readonly Dictionary<string, KernelCounters> counters = [];
    private readonly List<LaunchReport> faulty = [];

    /// <summary>Creates a device.</summary>
    /// <param name="options">How launches are simulated.</param>
    /// <param name="architecture">The compute capability that it passes for, as in 80 for 8.0.</param>
    public SimulatorDevice(SimulatorOptions? options = null, int architecture = 80)
    {
        Gpu = new SimulatedGpu(options);
        Limits = new GpuLimits(architecture, Multiprocessors: 1, MemoryBytes: AddressMap.MaxBytes, KnowsBounds: true);
    }

    /// <inheritdoc/>
    public string Name => "simulator";

    /// <inheritdoc/>
    public GpuLimits Limits { get; }

    /// <summary>The simulated GPU: its options may be changed between launches.</summary>
    public SimulatedGpu Gpu { get; }

    /// <summary>Whether a launch with findings goes on as if it had none; they are in <see cref="Faulty"/> then.</summary>
    public bool GoesOn { get; set; }

    /// <summary>What each kernel did in all launches so far.</summary>
    public IReadOnlyDictionary<string, KernelCounters> Counters => counters;

    /// <summary>Launches that showed faults.</summary>
    public IReadOnlyList<LaunchReport> Faulty => faulty;

    /// <inheritdoc/>
    public ulong Allocate(long bytes, string name) => Gpu.Allocate(bytes, name);

    /// <inheritdoc/>
    public void Free(ulong address) => Gpu.Free(address);

    /// <inheritdoc/>
    public IGpuModule Load(GpuImage image) => new Module(Gpu.Load(image.Ptx, image.Name + ".ptx"));

    /// <inheritdoc/>
    public IGpuStream CreateStream() => new SimulatorStream(this);

    /// <inheritdoc/>
    public IGpuEvent CreateEvent() => new SimulatorEvent();

    /// <inheritdoc/>
    public void Dispose() => Gpu.Dispose();

    /// <summary>Runs a kernel.</summary>
    /// <exception cref="PigeonException">PG0657: it showed faults.</exception>
    internal void Launch(IGpuKernel kernel, GpuLaunch size, ReadOnlySpan<ulong> arguments)
    {
        var known = (Kernel)kernel;
        LaunchReport report = Gpu.Launch(known.Module, known.Name, new LaunchSize(size.BlocksX, size.BlocksY, size.BlocksZ),
            new LaunchSize(size.Threads), size.SharedBytes, arguments);
        counters[known.Name] = counters.TryGetValue(known.Name, out KernelCounters? sum) ? sum + report.Counters : report.Counters;
        if (report.Findings.Count == 0)
        {
            return;
        }
        faulty.Add(report);
        if (!GoesOn)
        {
            string more = report.Findings.Count == 1 ? "" : $"; and {report.Findings.Count + report.OmittedFindings - 1} more";
            throw new PigeonException("PG0657", $"{report.Findings[0].Kind}: {report.Findings[0]}{more}", known.Name,
                "this is a fault of the kernel: please report it with the program's text");
        }
    }

    private sealed class Module(SimulatedModule module) : IGpuModule
    {
        public IGpuKernel Kernel(string name)
        {
            module.Kernel(name);
            return new Kernel(module, name);
        }

        public void Dispose() => module.Dispose();
    }

    private sealed record Kernel(SimulatedModule Module, string Name) : IGpuKernel;
}
