using System.Runtime.InteropServices;
using Pigeon.Kernels;

namespace Pigeon.Runtime;

/// <summary>The memory of one executable on a device.</summary>
internal sealed class GpuMemory(IGpuDevice device, IGpuStream stream) : IDisposable
{
    private readonly List<ulong> allocations = [];
    private readonly Dictionary<string, ulong> arrays = new(StringComparer.Ordinal);

    /// <summary>All bytes that were allocated.</summary>
    public long Bytes { get; private set; }

    /// <summary>Allocates.</summary>
    public ulong Allocate(long bytes, string name)
    {
        ulong address = device.Allocate(bytes, name);
        allocations.Add(address);
        Bytes += bytes;
        return address;
    }

    /// <summary>The address of an array, which is copied at the first call.</summary>
    public ulong Array(string name, Func<int[]> values)
    {
        if (!arrays.TryGetValue(name, out ulong address))
        {
            int[] array = values();
            arrays[name] = address = Allocate((long)array.Length * sizeof(int), name);
            stream.CopyIn(address, MemoryMarshal.AsBytes(array.AsSpan()));
        }

        return address;
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
        ulong arena = inner.Length > 0 ? Allocate(plan.Bytes, "values between kernels") : 0;
        for (int i = 0; i < inner.Length; i++)
        {
            buffers[inner[i]] = arena + (ulong)plan.Offsets[i];
        }

        for (int i = 0; i < buffers.Length; i++)
        {
            if (!inner.Contains(i) && signature.Buffers[i].Shared == BufferSignature.Own)
            {
                buffers[i] = Allocate(bound.BytesOf(signature.Buffers[i]), signature.Buffers[i].Name);
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
        foreach (ulong address in allocations)
        {
            device.Free(address);
        }

        allocations.Clear();
        arrays.Clear();
    }
}
