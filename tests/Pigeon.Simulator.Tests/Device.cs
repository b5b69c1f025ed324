using Pigeon.Kernels;
using Xunit;

namespace Pigeon.Simulator.Tests;

/// <summary>A simulated device with what tests do to it.</summary>
internal sealed class Device : IDisposable
{
    public Device(int seed = 1, SimulatorChecks checks = SimulatorChecks.All, int residents = 4) =>
        Gpu = new SimulatedGpu(new SimulatorOptions { Seed = seed, Checks = checks, ResidentBlocks = residents });

    public SimulatedGpu Gpu { get; }

    public SimulatedModule Load(string name) => Gpu.Load(Kernels.Ptx(name), name + ".ptx");

    /// <summary>A buffer with these values.</summary>
    public ulong Put<T>(string name, params T[] values)
        where T : unmanaged
    {
        ulong address = New<T>(name, values.Length);
        Gpu.Write<T>(address, values);
        return address;
    }

    /// <summary>A buffer without values.</summary>
    public unsafe ulong New<T>(string name, int count)
        where T : unmanaged => Gpu.Allocate((long)count * sizeof(T), name);

    public T[] Get<T>(ulong address, int count)
        where T : unmanaged
    {
        var values = new T[count];
        Gpu.Read<T>(address, values);
        return values;
    }

    /// <summary>Runs a kernel that has no faults.</summary>
    public KernelCounters RunClean(SimulatedModule module, string kernel, LaunchSize grid, int threads, params ulong[] arguments)
    {
        LaunchReport report = Run(module, kernel, grid, threads, arguments);
        Assert.True(report.Findings.Count == 0, string.Join("\n", report.Findings));
        return report.Counters;
    }

    public LaunchReport Run(SimulatedModule module, string kernel, LaunchSize grid, int threads, params ulong[] arguments)
    {
        TimeSpan start = Environment.CpuUsage.TotalTime;
        LaunchReport report = Gpu.Launch(module, kernel, grid, new LaunchSize(threads), 0, arguments);
        LastLaunch = Environment.CpuUsage.TotalTime - start;
        return report;
    }

    /// <summary>The CPU time of the last launch.</summary>
    public TimeSpan LastLaunch { get; private set; }

    /// <summary>The action throws that diagnostic, and says what to do.</summary>
    public static Diagnostic Refused(string id, Action action)
    {
        Diagnostic diagnostic = Assert.Throws<PigeonException>(action).Diagnostic;
        Assert.Equal(id, diagnostic.Id);
        Assert.False(string.IsNullOrEmpty(diagnostic.Remedy), "a remedy is given");
        return diagnostic;
    }

    public void Dispose() => Gpu.Dispose();
}
