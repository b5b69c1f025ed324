using System.Buffers;
using Pigeon.Kernels;

namespace Pigeon.Simulator;

/// <summary>The shared memory of a resident block, and what is known about each of its bytes.</summary>
internal sealed unsafe class SharedMemory : IDisposable
{
    private readonly NativeBuffer buffer;
    private readonly ShadowCell[] cells;
    private readonly ushort[] pending;
    private readonly int shift;

    public SharedMemory(SharedLayout layout, int shift)
    {
        this.shift = shift;
        Layout = layout;
        buffer = new NativeBuffer(layout.Bytes);
        Data = (byte*)buffer.Pointer;
        Initialised = new InitialisedBytes(layout.Bytes);
        cells = ArrayPool<ShadowCell>.Shared.Rent((int)(layout.Bytes >> shift) + 16);
        pending = ArrayPool<ushort>.Shared.Rent((int)(layout.Bytes >> 2) + 4);
    }

    /// <summary>Where its arrays are.</summary>
    public SharedLayout Layout { get; }

    /// <summary>Its first byte.</summary>
    public byte* Data { get; }

    /// <summary>Which bytes were written.</summary>
    public InitialisedBytes Initialised { get; }

    /// <summary>How many asynchronous copies into it have not been waited for.</summary>
    public int PendingCopies { get; private set; }

    /// <summary>The cell of a byte.</summary>
    public ref ShadowCell Cell(long offset) => ref cells[offset >> shift];

    /// <summary>Whether an asynchronous copy to any of these bytes may be under way.</summary>
    public bool IsPending(long offset, int bytes)
    {
        int first = (int)(offset >> 2), last = (int)((offset + bytes - 1) >> 2);
        return pending.AsSpan(first, last - first + 1).ContainsAnyExcept((ushort)0);
    }

    /// <summary>Notes that an asynchronous copy begins or ends.</summary>
    public void SetPending(long offset, int bytes, bool begins)
    {
        PendingCopies += begins ? 1 : -1;
        for (long word = offset >> 2; word <= (offset + bytes - 1) >> 2; word++)
        {
            pending[word] = (ushort)(pending[word] + (begins ? 1 : -1));
        }
    }

    /// <summary>Makes it a new block's.</summary>
    public void Reset()
    {
        Initialised.Clear();
        Array.Clear(cells, 0, (int)(Layout.Bytes >> shift) + 16);
        Array.Clear(pending, 0, (int)(Layout.Bytes >> 2) + 4);
        PendingCopies = 0;
        // Contents of shared memory are undefined: a pattern that is NaN as f32, f16 and bf16, and a large index.
        new Span<byte>(Data, (int)Layout.Bytes).Fill(0x7F);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        buffer.Dispose();
        ArrayPool<ShadowCell>.Shared.Return(cells);
        ArrayPool<ushort>.Shared.Return(pending);
    }
}
