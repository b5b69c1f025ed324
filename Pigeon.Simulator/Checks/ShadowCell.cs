namespace Pigeon.Simulator;

/// <summary>
/// What is remembered of a piece of memory: its last write, and two of the reads since that nothing orders. Reads that are ordered before
/// a later access of the same thread give their place to it.
/// </summary>
internal struct ShadowCell
{
    private AccessStamp write;
    private AccessStamp read;
    private AccessStamp otherRead;

    /// <summary>Notes a read.</summary>
    /// <returns>The access that it races with, or nobody's.</returns>
    public AccessStamp Read(AccessStamp me, Warp warp)
    {
        AccessStamp race = Conflicts(write, me, warp) || (me.IsReadOnly && !write.IsNone) ? write : default;
        if (read.IsNone || read.SameThread(me) || (!read.IsReadOnly && warp.IsOrdered(read, me.Lane)))
        {
            read = me;
        }
        else
        {
            otherRead = me;
        }
        return race;
    }

    /// <summary>Notes a write.</summary>
    /// <inheritdoc cref="Read"/>
    public AccessStamp Write(AccessStamp me, Warp warp)
    {
        AccessStamp race = Conflicts(write, me, warp) ? write
            : Conflicts(read, me, warp) || read.IsReadOnly ? read
            : Conflicts(otherRead, me, warp) || otherRead.IsReadOnly ? otherRead
            : default;
        (write, read, otherRead) = (me, default, default);
        return race;
    }

    /// <summary>Whether a write would race; nothing is noted.</summary>
    public readonly AccessStamp TryWrite(AccessStamp me, Warp warp) =>
        Conflicts(write, me, warp) ? write : Conflicts(read, me, warp) ? read : Conflicts(otherRead, me, warp) ? otherRead : default;

    private static bool Conflicts(AccessStamp earlier, AccessStamp me, Warp warp) =>
        !earlier.IsNone && !earlier.SameThread(me) && !(earlier.IsAtomic && me.IsAtomic) && !warp.IsOrdered(earlier, me.Lane);
}
