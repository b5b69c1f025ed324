using System.Runtime.CompilerServices;

namespace Pigeon.Simulator;

/// <summary>Local memory of the threads of a warp: a stack each.</summary>
internal sealed unsafe class LocalMemory
{
    private byte[] data = [];
    private bool[] written = [];
    private int capacity;

    /// <summary>The bytes of a thread that are in use.</summary>
    public int Bytes { get; private set; }

    /// <summary>Makes room.</summary>
    public void Reserve(int bytes)
    {
        Bytes = Math.Max(Bytes, bytes);
        if (bytes <= capacity)
        {
            return;
        }
        int larger = Math.Max(256, bytes * 2);
        byte[] moved = GC.AllocateArray<byte>(larger * 32, pinned: true);
        bool[] movedWritten = new bool[larger * 32];
        for (int lane = 0; lane < 32; lane++)
        {
            data.AsSpan(lane * capacity, capacity).CopyTo(moved.AsSpan(lane * larger));
            written.AsSpan(lane * capacity, capacity).CopyTo(movedWritten.AsSpan(lane * larger));
        }
        (data, written, capacity) = (moved, movedWritten, larger);
    }

    /// <summary>Bytes of a thread; null where they are out of bounds. Valid until the next call.</summary>
    public byte* Find(int lane, long offset, int bytes) => offset < 0 || offset + bytes > Bytes
        ? null : (byte*)Unsafe.AsPointer(ref data[0]) + ((long)lane * capacity) + offset;

    /// <summary>Whether bytes of a thread have all been written.</summary>
    public bool IsWritten(int lane, long offset, int bytes) =>
        !written.AsSpan((lane * capacity) + (int)offset, bytes).Contains(false);

    /// <summary>Notes that bytes of a thread are written.</summary>
    public void SetWritten(int lane, long offset, int bytes) => written.AsSpan((lane * capacity) + (int)offset, bytes).Fill(true);

    /// <summary>Makes it a new warp's.</summary>
    public void Reset()
    {
        Bytes = 0;
        Array.Clear(written);
    }
}
