using System.Runtime.InteropServices;

namespace Pigeon.Kernels;

/// <summary>64-byte aligned memory outside the garbage collector's heap, with one owner who disposes it.</summary>
public sealed unsafe class NativeBuffer : IDisposable
{
    private static long live;
    private void* pointer;

    /// <summary>Allocates zeroed memory.</summary>
    /// <param name="bytes">The size, at least 0.</param>
    /// <exception cref="OutOfMemoryException">The memory can't be had.</exception>
    public NativeBuffer(long bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        Bytes = bytes;
        pointer = NativeMemory.AlignedAlloc((nuint)Math.Max(bytes, 64), 64);
        NativeMemory.Clear(pointer, (nuint)Math.Max(bytes, 64));
        Interlocked.Add(ref live, bytes);
    }

    /// <summary>Gives the memory back if its owner forgot to.</summary>
    ~NativeBuffer() => Free();

    /// <summary>The bytes that all live buffers of the process hold together.</summary>
    public static long LiveBytes => Interlocked.Read(ref live);

    /// <summary>The size in bytes.</summary>
    public long Bytes { get; }

    /// <summary>The first byte; 64-byte aligned.</summary>
    /// <exception cref="ObjectDisposedException">The buffer was disposed.</exception>
    public void* Pointer
    {
        get
        {
            ObjectDisposedException.ThrowIf(pointer is null, this);
            return pointer;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private void Free()
    {
        if (pointer is not null)
        {
            NativeMemory.AlignedFree(pointer);
            pointer = null;
            Interlocked.Add(ref live, -Bytes);
        }
    }
}
