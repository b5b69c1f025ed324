using Pigeon.Kernels;

namespace Pigeon.Runtime;

/// <summary>
/// A device that runs kernels compiled for NVIDIA GPUs: the real one, or one that executes the same PTX in software. The interface is
/// what generated programs need and no more. Device addresses are 64-bit numbers; only copies and kernels may follow them. Not safe for
/// use from several threads at once.
/// </summary>
public interface IGpuDevice : IDisposable
{
    /// <summary>What a user knows it by.</summary>
    string Name { get; }

    /// <summary>What kernels and launches may ask for.</summary>
    GpuLimits Limits { get; }

    /// <summary>Allocates memory, aligned to 256 bytes, with undefined contents.</summary>
    /// <param name="bytes">The size; of 0 bytes there is an address too.</param>
    /// <param name="name">What is in it, for reports.</param>
    /// <exception cref="PigeonException">PG0603: the device can't give so much.</exception>
    ulong Allocate(long bytes, string name);

    /// <summary>Gives memory back.</summary>
    /// <param name="address">An address that <see cref="Allocate"/> returned.</param>
    void Free(ulong address);

    /// <summary>Loads a program: its cubin where the device takes it, else its PTX.</summary>
    /// <exception cref="PigeonException">PG0603: the device can't load it.</exception>
    IGpuModule Load(GpuImage image);

    /// <summary>Creates a queue of work. Work of one stream runs in order.</summary>
    IGpuStream CreateStream();

    /// <summary>Creates an event.</summary>
    IGpuEvent CreateEvent();
}

/// <summary>A loaded program.</summary>
public interface IGpuModule : IDisposable
{
    /// <summary>Finds a kernel.</summary>
    /// <param name="name">The name of an <c>extern "C" __global__</c> function.</param>
    /// <exception cref="PigeonException">PG0604: there is none.</exception>
    IGpuKernel Kernel(string name);
}

/// <summary>A function that a stream can launch.</summary>
public interface IGpuKernel
{
    /// <summary>Its name.</summary>
    string Name { get; }
}

/// <summary>A point in a stream's work.</summary>
public interface IGpuEvent : IDisposable
{
    /// <summary>Milliseconds of device time from another event to this one; both were recorded, and their work is done.</summary>
    double MillisecondsSince(IGpuEvent earlier);
}

/// <summary>Work that was captured, to be launched as a whole again and again.</summary>
public interface IGpuGraph : IDisposable;
