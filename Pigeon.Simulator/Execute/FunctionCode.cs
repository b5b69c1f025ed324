using System.Collections.Concurrent;

namespace Pigeon.Simulator;

/// <summary>A decoded function: where it begins, and what a frame of it looks like.</summary>
internal sealed class FunctionCode(PtxFunction function)
{
    // The warps of a few blocks. Their memory is large, and to get it anew would take longer than many a launch.
    private const int MostSpares = 32;
    private readonly ConcurrentBag<Frame> spare = [];
    private readonly List<(int Offset, byte[] Value, int Slot)> constants = [];
    private int spares;

    /// <summary>The function as it was read.</summary>
    public PtxFunction Function => function;

    /// <summary>The number of its first instruction.</summary>
    public int Entry { get; set; }

    /// <summary>The bytes of a frame's registers.</summary>
    public int Bytes { get; private set; }

    /// <summary>The number of its slots.</summary>
    public int Slots { get; private set; }

    /// <summary>The bytes of local memory of one thread.</summary>
    public int LocalBytes { get; set; }

    /// <summary>Rows that hold the same kind of value for as long as a frame lives, filled in when it begins.</summary>
    public List<(Row Row, SpecialRegister Kind, long Offset)> Specials { get; } = [];

    /// <summary>A frame: one that an earlier launch left, or a new one.</summary>
    /// <param name="asNew">Whether registers must hold what those of a new one do; not where reading what was never written is found.</param>
    public Frame Take(bool asNew)
    {
        if (!spare.TryTake(out Frame? frame))
        {
            return new Frame(this);
        }
        Interlocked.Decrement(ref spares);
        if (asNew)
        {
            frame.Clear();
        }
        return frame;
    }

    /// <summary>Keeps a frame for a later launch, unless there are many.</summary>
    public void Give(Frame frame)
    {
        frame.Caller = null;
        if (Interlocked.Increment(ref spares) <= MostSpares)
        {
            spare.Add(frame);
            return;
        }
        Interlocked.Decrement(ref spares);
        frame.Dispose();
    }

    /// <summary>Makes a row.</summary>
    /// <param name="bytes">The bytes of a lane's value; 0 for a predicate.</param>
    public Row Add(int bytes)
    {
        var row = new Row(Bytes, Slots++, bytes);
        Bytes += bytes == 0 ? 64 : 32 * Math.Max(bytes, 2);
        return row;
    }

    /// <summary>Makes storage of a parameter: its bytes for each lane.</summary>
    public int AddStorage(long bytes)
    {
        int offset = Bytes;
        Bytes = checked((int)(offset + (((32 * bytes) + 63) & ~63)));
        return offset;
    }

    /// <summary>Makes a row that holds the same value in every lane.</summary>
    public Row AddConstant(ulong bits, int bytes)
    {
        Row row = Add(bytes);
        byte[] one = BitConverter.GetBytes(bits);
        byte[] all = new byte[bytes == 0 ? 4 : 32 * bytes];
        for (int at = 0; at < all.Length; at++)
        {
            all[at] = bytes == 0 ? one[at] : one[at % bytes];
        }
        constants.Add((row.Offset, all, row.Slot));
        return row;
    }

    /// <summary>Writes the constants of a new frame.</summary>
    public void Fill(Span<byte> file)
    {
        foreach ((int offset, byte[] value, _) in constants)
        {
            value.CopyTo(file[offset..]);
        }
    }

    /// <summary>Marks constants and special registers as written, and everything else as not.</summary>
    public void ResetDefined(Span<uint> defined)
    {
        defined.Clear();
        foreach ((_, _, int slot) in constants)
        {
            defined[slot] = Operation.AllLanes;
        }
        foreach ((Row row, _, _) in Specials)
        {
            defined[row.Slot] = Operation.AllLanes;
        }
    }
}
