using Pigeon.Kernels;

namespace Pigeon.Runtime;

/// <summary>A queue of work for a device. Work runs in order; only <see cref="CopyOut"/> and <see cref="Synchronize"/> wait for it.</summary>
public interface IGpuStream : IDisposable
{
    /// <summary>Copies to the device. The source may be changed as soon as the call returns.</summary>
    /// <param name="to">The first byte on the device.</param>
    /// <param name="from">The bytes.</param>
    void CopyIn(ulong to, ReadOnlySpan<byte> from);

    /// <summary>Copies from the device, when all earlier work is done.</summary>
    /// <param name="from">The first byte on the device.</param>
    /// <param name="to">Where the bytes go.</param>
    /// <exception cref="PigeonException">PG0603: earlier work failed.</exception>
    void CopyOut(ulong from, Span<byte> to);

    /// <summary>Sets bytes of the device to 0.</summary>
    void Clear(ulong to, long bytes);

    /// <summary>Launches a kernel.</summary>
    /// <param name="kernel">A kernel of a module of the same device.</param>
    /// <param name="size">How many threads, in which blocks.</param>
    /// <param name="arguments">One number for each parameter: an address, or an integer, whose low bytes are passed where the parameter
    /// is smaller than 8 bytes.</param>
    void Launch(IGpuKernel kernel, GpuLaunch size, ReadOnlySpan<ulong> arguments);

    /// <summary>Launches captured work.</summary>
    void Launch(IGpuGraph graph);

    /// <summary>Records the place that the stream's work has come to.</summary>
    void Record(IGpuEvent marker);

    /// <summary>Makes later work of this stream wait for an event of another.</summary>
    void Wait(IGpuEvent marker);

    /// <summary>Begins to keep work in place of doing it. Copies are not captured.</summary>
    void BeginCapture();

    /// <summary>Ends what <see cref="BeginCapture"/> began.</summary>
    /// <returns>The work since then, with the arguments that it was given.</returns>
    IGpuGraph EndCapture();

    /// <summary>Waits until all work is done.</summary>
    /// <exception cref="PigeonException">PG0603: some of it failed.</exception>
    void Synchronize();
}
