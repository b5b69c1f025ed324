using System.Runtime.InteropServices;
using Pigeon.Kernels;

namespace Pigeon.Simulator;

/// <summary>
/// A GPU in software: it executes the PTX that NVRTC returned, and tells what a kernel does wrong. Not safe for use from several threads
/// at once.
/// </summary>
/// <example>
/// <code>
/// using var gpu = new SimulatedGpu(new SimulatorOptions { Seed = 1 });
/// SimulatedModule module = gpu.Load(ptx, "scale.ptx");
/// ulong x = gpu.Allocate(4 * n, "x");
/// gpu.Write&lt;float&gt;(x, values);
/// LaunchReport report = gpu.Launch(module, "scale", new LaunchSize(blocks), new LaunchSize(256), 0, [x, (ulong)n]);
/// </code>
/// </example>
public sealed class SimulatedGpu : IDisposable
{
    private readonly DeviceMemory memory = new();
    private int launches;

    /// <summary>Creates a device without memory in use.</summary>
    public SimulatedGpu(SimulatorOptions? options = null) => Options = options ?? new SimulatorOptions();

    /// <summary>How launches are simulated.</summary>
    public SimulatorOptions Options { get; set; }

    /// <summary>Loads PTX.</summary>
    /// <param name="ptx">The text that NVRTC returned.</param>
    /// <param name="file">What to call it in reports.</param>
    /// <exception cref="PigeonException">PG0650: it is not PTX.</exception>
    public SimulatedModule Load(string ptx, string file) => new(memory, ptx, file);

    /// <summary>Allocates memory with undefined contents.</summary>
    /// <param name="bytes">The size.</param>
    /// <param name="name">What to call it in reports.</param>
    /// <exception cref="PigeonException">PG0652: too much.</exception>
    public ulong Allocate(long bytes, string name) => memory.Allocate(name, bytes).Address;

    /// <summary>Gives memory back.</summary>
    /// <exception cref="PigeonException">PG0653: the address is not one that <see cref="Allocate"/> returned, or was given
    /// back.</exception>
    public void Free(ulong address)
    {
        Allocation allocation = memory.Range(address, 0);
        if (address != allocation.Address)
        {
            throw new PigeonException("PG0653", $"0x{address:x} is not where the buffer begins", allocation.Name,
                "free what was allocated");
        }
        allocation.Free();
    }

    /// <summary>Copies to the device.</summary>
    /// <exception cref="PigeonException">PG0653: out of bounds.</exception>
    public unsafe void Write<T>(ulong to, ReadOnlySpan<T> from)
        where T : unmanaged
    {
        ReadOnlySpan<byte> bytes = MemoryMarshal.AsBytes(from);
        Allocation allocation = memory.Range(to, bytes.Length);
        long offset = AddressMap.Offset(to);
        bytes.CopyTo(new Span<byte>(allocation.Data + offset, bytes.Length));
        allocation.Initialised.SetRange(offset, bytes.Length);
    }

    /// <summary>Copies from the device.</summary>
    /// <exception cref="PigeonException">PG0653: out of bounds, or parts of it were never written.</exception>
    public unsafe void Read<T>(ulong from, Span<T> to)
        where T : unmanaged
    {
        Span<byte> bytes = MemoryMarshal.AsBytes(to);
        Allocation allocation = memory.Range(from, bytes.Length);
        long offset = AddressMap.Offset(from);
        long missing = Options.Checks.HasFlag(SimulatorChecks.Initialised) ? allocation.Initialised.FirstMissing(offset, bytes.Length) : -1;
        if (missing >= 0)
        {
            throw new PigeonException("PG0653", $"byte {missing} was never written", allocation.Name,
                "run the kernel that writes it first");
        }
        new ReadOnlySpan<byte>(allocation.Data + offset, bytes.Length).CopyTo(bytes);
    }

    /// <summary>Sets bytes to 0.</summary>
    /// <exception cref="PigeonException">PG0653: out of bounds.</exception>
    public unsafe void Clear(ulong to, long bytes)
    {
        Allocation allocation = memory.Range(to, bytes);
        long offset = AddressMap.Offset(to);
        NativeMemory.Clear(allocation.Data + offset, (nuint)bytes);
        allocation.Initialised.SetRange(offset, bytes);
    }

    /// <summary>Runs a kernel to its end.</summary>
    /// <param name="module">The module.</param>
    /// <param name="kernel">The kernel's name.</param>
    /// <param name="grid">The grid in blocks.</param>
    /// <param name="block">A block in threads.</param>
    /// <param name="sharedBytes">Dynamic shared memory of a block.</param>
    /// <param name="arguments">One number for each parameter; its low bytes count where the parameter is smaller.</param>
    /// <param name="cancellation">Gives the launch up.</param>
    /// <exception cref="PigeonException">PG0651: an instruction is not simulated. PG0655: the kernel can't be launched like
    /// that.</exception>
    public LaunchReport Launch(
        SimulatedModule module, string kernel, LaunchSize grid, LaunchSize block, int sharedBytes, ReadOnlySpan<ulong> arguments,
        CancellationToken cancellation = default)
    {
        var launch = new Launch(module.Kernel(kernel), memory, Options, ++launches, grid, block, sharedBytes, arguments);
        launch.Run(cancellation);
        return new LaunchReport(kernel, launch.Findings.All, launch.Findings.Omitted, launch.Counters.Total(launch));
    }

    /// <inheritdoc/>
    public void Dispose() => memory.Dispose();
}
