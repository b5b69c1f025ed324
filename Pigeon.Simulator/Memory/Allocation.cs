using Pigeon.Kernels;

namespace Pigeon.Simulator;

/// <summary>Memory of the device under a name.</summary>
internal sealed unsafe class Allocation : IDisposable
{
    private readonly NativeBuffer buffer;
    private ulong[]? sectorsRead;
    private ulong[]? sectorsWritten;
    private int touchedBy = -1;

    public Allocation(int window, string name, long bytes, bool constant)
    {
        (Window, Name, Bytes, IsConstant) = (window, name, bytes, constant);
        buffer = new NativeBuffer(bytes);
        Data = (byte*)buffer.Pointer;
        Initialised = new InitialisedBytes(bytes);
        Shadow = new GlobalShadow(bytes);
    }

    /// <summary>The window of its addresses.</summary>
    public int Window { get; }

    /// <summary>What its owner called it.</summary>
    public string Name { get; }

    /// <summary>Its size.</summary>
    public long Bytes { get; }

    /// <summary>Whether kernels may only read it.</summary>
    public bool IsConstant { get; }

    /// <summary>Whether it was given back.</summary>
    public bool IsFreed { get; private set; }

    /// <summary>Its first byte.</summary>
    public byte* Data { get; private set; }

    /// <summary>Which bytes were written.</summary>
    public InitialisedBytes Initialised { get; private set; }

    /// <summary>Who accessed what in the present launch.</summary>
    public GlobalShadow Shadow { get; private set; }

    /// <summary>The address of its first byte.</summary>
    public ulong Address => AddressMap.Base(Window);

    /// <summary>Notes that a launch touches bytes, at most 16 of one sector.</summary>
    public void Touch(int launch, long offset, bool write)
    {
        if (touchedBy != launch)
        {
            long words = (Bytes >> 11) + 1;
            sectorsRead ??= new ulong[words];
            sectorsWritten ??= new ulong[words];
            Array.Clear(sectorsRead);
            Array.Clear(sectorsWritten);
            touchedBy = launch;
        }
        (write ? sectorsWritten : sectorsRead)![offset >> 11] |= 1UL << (int)(offset >> 5);
    }

    /// <summary>The sectors of 32 bytes that a launch read and wrote, each counted once.</summary>
    public (long Read, long Written) Touched(int launch) => touchedBy != launch ? (0, 0)
        : (sectorsRead!.Sum(word => (long)ulong.PopCount(word)), sectorsWritten!.Sum(word => (long)ulong.PopCount(word)));

    /// <summary>Gives the memory back; the name stays, for reports about later accesses.</summary>
    public void Free()
    {
        IsFreed = true;
        Data = null;
        buffer.Dispose();
        Initialised = new InitialisedBytes(0);
        Shadow = new GlobalShadow(0);
        (sectorsRead, sectorsWritten, touchedBy) = (null, null, -1);
    }

    /// <inheritdoc/>
    public void Dispose() => Free();
}
