using Pigeon.Runtime;
using Pigeon.Simulator;

namespace Pigeon.Tests;

/// <summary>The simulator as a device, which keeps what it found.</summary>
internal sealed class SimulatedDevice(int seed) : IGpuDevice
{
    private const long MemoryBytes = 1L << 32;
    private readonly SimulatedGpu gpu = new(new SimulatorOptions { Seed = seed });

    public List<Finding> Findings { get; } = [];

    public string Name => "simulator";

    public GpuLimits Limits { get; } = new(Architecture: 80, Multiprocessors: 4, MemoryBytes, KnowsBounds: true);

    public ulong Allocate(long bytes, string name) => gpu.Allocate(bytes, name);

    public void Free(ulong address) => gpu.Free(address);

    public IGpuModule Load(GpuImage image) => new Module(gpu.Load(image.Ptx, image.Name));

    public IGpuStream CreateStream() => new Stream(this);

    public IGpuEvent CreateEvent() => throw new NotSupportedException("the simulator's time is no time");

    public void Dispose() => gpu.Dispose();

    private sealed class Module(SimulatedModule module) : IGpuModule
    {
        public IGpuKernel Kernel(string name) => new Kernel(module, name);

        public void Dispose()
        {
        }
    }

    private sealed record Kernel(SimulatedModule Module, string Name) : IGpuKernel;

    private sealed class Graph(List<(Kernel Kernel, GpuLaunch Size, ulong[] Arguments)> work) : IGpuGraph
    {
        public List<(Kernel Kernel, GpuLaunch Size, ulong[] Arguments)> Work => work;

        public void Dispose()
        {
        }
    }

    private sealed class Stream(SimulatedDevice device) : IGpuStream
    {
        private List<(Kernel Kernel, GpuLaunch Size, ulong[] Arguments)>? captured;

        public void CopyIn(ulong to, ReadOnlySpan<byte> from)
        {
            Assert(captured is null);
            if (from.Length > 0)
            {
                device.gpu.Write(to, from);
            }
        }

        public void CopyOut(ulong from, Span<byte> to)
        {
            Assert(captured is null);
            if (to.Length > 0)
            {
                device.gpu.Read(from, to);
            }
        }

        public void Clear(ulong to, long bytes) => device.gpu.Clear(to, bytes);

        public void Launch(IGpuKernel kernel, GpuLaunch size, ReadOnlySpan<ulong> arguments)
        {
            if (captured is not null)
            {
                captured.Add(((Kernel)kernel, size, arguments.ToArray()));
                return;
            }

            LaunchReport report = device.gpu.Launch(((Kernel)kernel).Module, kernel.Name, new LaunchSize(size.BlocksX, size.BlocksY, size.BlocksZ),
                new LaunchSize(size.Threads), size.SharedBytes, arguments);
            device.Findings.AddRange(report.Findings);
        }

        public void Launch(IGpuGraph graph)
        {
            foreach ((Kernel kernel, GpuLaunch size, ulong[] arguments) in ((Graph)graph).Work)
            {
                Launch(kernel, size, arguments);
            }
        }

        public void Record(IGpuEvent marker) => throw new NotSupportedException();

        public void Wait(IGpuEvent marker) => throw new NotSupportedException();

        public void BeginCapture() => captured = [];

        public IGpuGraph EndCapture()
        {
            var graph = new Graph(captured!);
            captured = null;
            return graph;
        }

        public void Synchronize()
        {
        }

        public void Dispose()
        {
        }

        private static void Assert(bool holds)
        {
            if (!holds)
            {
                throw new InvalidOperationException("a copy inside a captured run");
            }
        }
    }
}
