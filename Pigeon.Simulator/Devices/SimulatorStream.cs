using Pigeon.Kernels;
using Pigeon.Runtime;

namespace Pigeon.Simulator;

/// <summary>A stream of the simulator: work is done at once, so that all streams are in order.</summary>
internal sealed class SimulatorStream(SimulatorDevice device) : IGpuStream
{
    private List<Action>? captured;

    /// <inheritdoc/>
    public void CopyIn(ulong to, ReadOnlySpan<byte> from)
    {
        RefuseCapture("a copy");
        device.Gpu.Write(to, from);
    }

    /// <inheritdoc/>
    public void CopyOut(ulong from, Span<byte> to)
    {
        RefuseCapture("a copy");
        device.Gpu.Read(from, to);
    }

    /// <inheritdoc/>
    public void Clear(ulong to, long bytes) => Do(() => device.Gpu.Clear(to, bytes));

    /// <inheritdoc/>
    public void Launch(IGpuKernel kernel, GpuLaunch size, ReadOnlySpan<ulong> arguments)
    {
        ulong[] kept = [.. arguments];
        Do(() => device.Launch(kernel, size, kept));
    }

    /// <inheritdoc/>
    public void Launch(IGpuGraph graph)
    {
        foreach (Action work in ((Graph)graph).Work)
        {
            Do(work);
        }
    }

    /// <inheritdoc/>
    public void Record(IGpuEvent marker) => Do(((SimulatorEvent)marker).Record);

    /// <inheritdoc/>
    public void Wait(IGpuEvent marker)
    {
    }

    /// <inheritdoc/>
    public void BeginCapture()
    {
        RefuseCapture("a capture");
        captured = [];
    }

    /// <inheritdoc/>
    public IGpuGraph EndCapture()
    {
        List<Action> work = captured
            ?? throw new PigeonException("PG0658", "a capture ends that did not begin", "simulator", "call BeginCapture");
        captured = null;
        return new Graph(work);
    }

    /// <inheritdoc/>
    public void Synchronize() => RefuseCapture("waiting");

    /// <inheritdoc/>
    public void Dispose()
    {
    }

    private void Do(Action work)
    {
        if (captured is not null)
        {
            captured.Add(work);
        }
        else
        {
            work();
        }
    }

    private void RefuseCapture(string what)
    {
        if (captured is not null)
        {
            throw new PigeonException("PG0658", $"{what} while work is captured", "simulator", "end the capture first");
        }
    }

    private sealed record Graph(List<Action> Work) : IGpuGraph
    {
        public void Dispose()
        {
        }
    }
}
