using System.Runtime.InteropServices;
using Pigeon.Kernels;

namespace Pigeon.Runtime;

/// <summary>
/// The memory of one executable on a device. Bound to another graph, it keeps what is as it was, and takes memory anew only where a size
/// passes all before it; on a device that knows bounds of allocations, wherever a size is another.
/// </summary>
internal sealed class GpuMemory(IGpuDevice device, IGpuStream stream) : IDisposable
{
    private readonly Dictionary<ulong, long> allocations = [];
    private readonly Dictionary<string, ulong> blocks = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (int[] Values, object[] Sources)> arrays = new(StringComparer.Ordinal);

    /// <summary>All bytes that are allocated.</summary>
    public long Bytes => allocations.Values.Sum();

    /// <summary>The address of a block of memory with a name; what is in it may be anything.</summary>
    public ulong Block(string name, long bytes) => blocks[name] = Fit(blocks.GetValueOrDefault(name), bytes, name);

    /// <summary>An array and its address; it is made and copied at the first call, and again where its sources are other objects.</summary>
    public (ulong Address, int[] Values) Array(string name, object[] sources, Func<int[]> make)
    {
        if (arrays.TryGetValue(name, out var known) && known.Sources.SequenceEqual(sources, ReferenceEqualityComparer.Instance))
        {
            return (blocks[name], known.Values);
        }

        int[] values = make();
        ulong address = Block(name, (long)values.Length * sizeof(int));
        stream.CopyIn(address, MemoryMarshal.AsBytes(values.AsSpan()));
        arrays[name] = (values, sources);
        return (address, values);
    }

    /// <summary>
    /// Allocates a program's buffers. Values that are alive at different times share memory, unless the device knows bounds of allocations:
    /// then each has its own.
    /// </summary>
    public void Place(ProgramSignature signature, BoundSignature bound, ulong[] buffers)
    {
        int[] inner = device.Limits.KnowsBounds ? [] : bound.Indices(BufferRole.Internal);
        var plan = MemoryPlan.Create([.. inner.Select(i => (bound.BytesOf(signature.Buffers[i]), signature.Buffers[i].FirstKernel,
            signature.Buffers[i].LastKernel))]);
        ulong arena = inner.Length > 0 ? Block("values between kernels", plan.Bytes) : 0;
        for (int i = 0; i < inner.Length; i++)
        {
            buffers[inner[i]] = arena + (ulong)plan.Offsets[i];
        }

        for (int i = 0; i < buffers.Length; i++)
        {
            if (!inner.Contains(i) && signature.Buffers[i].Shared == BufferSignature.Own)
            {
                buffers[i] = Fit(buffers[i], bound.BytesOf(signature.Buffers[i]), signature.Buffers[i].Name);
            }
        }

        Alias(signature, buffers);
    }

    /// <summary>Gives second names of buffers their addresses; after each change of a buffer's.</summary>
    public static void Alias(ProgramSignature signature, ulong[] buffers)
    {
        // A second name stands behind what it names.
        for (int i = 0; i < buffers.Length; i++)
        {
            if (signature.Buffers[i].Shared != BufferSignature.Own)
            {
                buffers[i] = buffers[signature.Buffers[i].Shared];
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (ulong address in allocations.Keys)
        {
            device.Free(address);
        }

        allocations.Clear();
        blocks.Clear();
        arrays.Clear();
    }

    /// <summary>An allocation that is large enough, or as large where its bounds are checked: the one at an address, or a new one in its place.</summary>
    private ulong Fit(ulong address, long bytes, string name)
    {
        if (allocations.TryGetValue(address, out long had))
        {
            if (device.Limits.KnowsBounds ? had == bytes : had >= bytes)
            {
                return address;
            }

            device.Free(address);
            allocations.Remove(address);
        }

        ulong fresh = device.Allocate(bytes, name);
        allocations.Add(fresh, bytes);
        return fresh;
    }
}
