using System.Runtime.InteropServices;

namespace Pigeon.Kernels;

/// <summary>64-byte aligned memory outside the garbage collector's heap, with one owner who disposes it.</summary>
public sealed unsafe class NativeBuffer : IDisposable
{
    private const nuint Alignment = 64;
    private static long live;
    private readonly void* allocation;
    private readonly nuint allocated;
    private void* pointer;

    /// <summary>Allocates zeroed memory. Pages of a large buffer take memory when they are first written, not before.</summary>
    /// <param name="bytes">The size, at least 0.</param>
    /// <exception cref="OutOfMemoryException">The memory can't be had.</exception>
    public NativeBuffer(long bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        Bytes = bytes;
        nuint alignment = LargePages.Serve((nuint)bytes) ? LargePages.PageBytes : Alignment;
        allocated = (nuint)bytes + (2 * alignment);
        allocation = alignment == Alignment ? NativeMemory.AllocZeroed(allocated) : LargePages.Map(allocated);
        if (allocation is null)
        {
            throw new OutOfMemoryException();
        }

        pointer = (void*)(((nuint)allocation + alignment - 1) / alignment * alignment);
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

    /// <summary>The address of the first byte, for kernels; valid until the buffer is disposed.</summary>
    /// <exception cref="ObjectDisposedException">The buffer was disposed.</exception>
    public nint Address => (nint)Pointer;

    /// <summary>A checked view of a part. It doesn't keep the buffer alive: its user holds on to the owner.</summary>
    /// <param name="offset">The first byte of the part.</param>
    /// <param name="count">The number of elements.</param>
    /// <exception cref="ArgumentOutOfRangeException">The part isn't inside the buffer.</exception>
    /// <exception cref="ObjectDisposedException">The buffer was disposed.</exception>
    public Span<T> View<T>(long offset, int count)
        where T : unmanaged
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, Bytes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, (Bytes - offset) / sizeof(T));
        return new Span<T>((byte*)Pointer + offset, count);
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
            if (LargePages.Serve((nuint)Bytes))
            {
                LargePages.Unmap(allocation, allocated);
            }
            else
            {
                NativeMemory.Free(allocation);
            }

            pointer = null;
            Interlocked.Add(ref live, -Bytes);
        }
    }
}
