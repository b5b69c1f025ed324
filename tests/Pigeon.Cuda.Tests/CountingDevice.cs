using Pigeon.Runtime;

namespace Pigeon.Tests;

/// <summary>A device that counts what it is asked for, and lets another do it. A captured launch counts when it is launched.</summary>
internal sealed class CountingDevice(IGpuDevice inner, bool knowsBounds = true) : IGpuDevice
{
    public int Launches { get; private set; }

    public int CopiesIn { get; private set; }

    public int CopiesOut { get; private set; }

    public int Allocations { get; private set; }

    public string Name => inner.Name;

    public GpuLimits Limits => inner.Limits with { KnowsBounds = knowsBounds };

    public void Reset() => (Launches, CopiesIn, CopiesOut, Allocations) = (0, 0, 0, 0);

    public ulong Allocate(long bytes, string name)
    {
        Allocations++;
        return inner.Allocate(bytes, name);
    }

    public void Free(ulong address) => inner.Free(address);

    public IGpuModule Load(GpuImage image) => inner.Load(image);

    public IGpuStream CreateStream() => new Stream(this, inner.CreateStream());

    public IGpuEvent CreateEvent() => inner.CreateEvent();

    public void Dispose() => inner.Dispose();

    private sealed record Graph(IGpuGraph Inner, int Launches) : IGpuGraph
    {
        public void Dispose() => Inner.Dispose();
    }

    private sealed class Stream(CountingDevice counts, IGpuStream inner) : IGpuStream
    {
        private int? captured;

        public void CopyIn(ulong to, ReadOnlySpan<byte> from)
        {
            counts.CopiesIn++;
            inner.CopyIn(to, from);
        }

        public void CopyOut(ulong from, Span<byte> to)
        {
            counts.CopiesOut++;
            inner.CopyOut(from, to);
        }

        public void Clear(ulong to, long bytes) => inner.Clear(to, bytes);

        public void Launch(IGpuKernel kernel, GpuLaunch size, ReadOnlySpan<ulong> arguments)
        {
            if (captured is { } count)
            {
                captured = count + 1;
            }
            else
            {
                counts.Launches++;
            }

            inner.Launch(kernel, size, arguments);
        }

        public void Launch(IGpuGraph graph)
        {
            var known = (Graph)graph;
            counts.Launches += known.Launches;
            inner.Launch(known.Inner);
        }

        public void Record(IGpuEvent marker) => inner.Record(marker);

        public void Wait(IGpuEvent marker) => inner.Wait(marker);

        public void BeginCapture()
        {
            captured = 0;
            inner.BeginCapture();
        }

        public IGpuGraph EndCapture()
        {
            var graph = new Graph(inner.EndCapture(), captured ?? 0);
            captured = null;
            return graph;
        }

        public void Synchronize() => inner.Synchronize();

        public void Dispose() => inner.Dispose();
    }
}
