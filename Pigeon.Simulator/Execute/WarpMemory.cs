namespace Pigeon.Simulator;

/// <summary>How memory is accessed.</summary>
[Flags]
internal enum AccessMode
{
    /// <summary>It is read.</summary>
    Read = 1,

    /// <summary>It is written.</summary>
    Write = 2,

    /// <summary>Such accesses don't race with each other.</summary>
    Atomic = 4,

    /// <summary>It must not be written by the same launch.</summary>
    ReadOnly = 8,
}

/// <summary>From an address to memory, through all checks.</summary>
internal sealed unsafe partial class Warp
{
    /// <summary>Finds memory for one lane's access, and notes the access.</summary>
    /// <param name="space">The state space.</param>
    /// <param name="lane">The lane.</param>
    /// <param name="address">The address in that space.</param>
    /// <param name="bytes">1, 2, 4, 8 or 16 bytes.</param>
    /// <param name="mode">How it is accessed.</param>
    /// <param name="stamp">Lane 0's stamp.</param>
    /// <returns>The memory, or null where the access can't be; a finding then says why.</returns>
    public byte* Locate(PtxSpace space, int lane, ulong address, int bytes, AccessMode mode, AccessStamp stamp)
    {
        switch (space)
        {
            case PtxSpace.Generic when AddressMap.Window(address) == AddressMap.SharedWindow:
                return LocateShared(lane, AddressMap.Offset(address), bytes, mode, stamp);
            case PtxSpace.Generic when AddressMap.Window(address) == AddressMap.LocalWindow:
                return LocateLocal(lane, AddressMap.Offset(address), bytes, mode);
            case PtxSpace.Shared:
                return LocateShared(lane, (long)address, bytes, mode, stamp);
            case PtxSpace.Local:
                return LocateLocal(lane, (long)address, bytes, mode);
            default:
                return LocateGlobal(space, lane, address, bytes, mode, stamp);
        }
    }

    private byte* LocateGlobal(PtxSpace space, int lane, ulong address, int bytes, AccessMode mode, AccessStamp stamp)
    {
        Allocation? allocation = Launch.Memory.Find(address);
        long offset = AddressMap.Offset(address);
        bool writes = (mode & AccessMode.Write) != 0, reads = (mode & AccessMode.Read) != 0;
        if (allocation is null || allocation.IsFreed || offset < 0 || offset > allocation.Bytes - bytes
            || (Launch.ChecksAlignment && (offset & (bytes - 1)) != 0) || (allocation.IsConstant ? writes : space == PtxSpace.Const))
        {
            RefuseGlobal(allocation, lane, address, bytes, mode);
            return null;
        }
        if (Launch.ChecksInitialised && reads && !allocation.Initialised.Has(offset, bytes))
        {
            ReportUnwritten(allocation, lane, offset, bytes);
        }
        if (Launch.ChecksRaces && !allocation.IsConstant)
        {
            AccessStamp me = stamp.OfLane(lane);
            int step = 1 << Launch.Code.ShadowShift;
            for (long at = offset; at < offset + bytes; at += step)
            {
                ref ShadowCell cell = ref allocation.Shadow.Cell(at, Launch.Number, Launch.Code.ShadowShift);
                AccessStamp other = writes ? cell.Write(me, this) : cell.Read(me, this);
                if (!other.IsNone)
                {
                    ReportGlobalRace(lane, allocation, at, mode, other);
                }
            }
            if ((mode & AccessMode.Atomic) != 0 && Launch.FencesSeen)
            {
                Clock.Atomic(Launch.Place(allocation.Window, offset), reads, writes);
            }
        }
        if (writes)
        {
            allocation.Initialised.Set(offset, bytes);
        }
        if (Launch.Options.Counters)
        {
            allocation.Touch(Launch.Number, offset, writes);
        }
        return allocation.Data + offset;
    }

    private byte* LocateShared(int lane, long offset, int bytes, AccessMode mode, AccessStamp stamp)
    {
        SharedMemory shared = Block.Shared;
        if (!shared.Layout.Holds(offset, bytes) || (Launch.ChecksAlignment && (offset & (bytes - 1)) != 0))
        {
            RefuseShared(lane, offset, bytes, mode);
            return null;
        }
        if (shared.PendingCopies > 0 && shared.IsPending(offset, bytes))
        {
            ReportPending(lane, offset, mode);
        }
        bool writes = (mode & AccessMode.Write) != 0, reads = (mode & AccessMode.Read) != 0;
        if (Launch.ChecksInitialised && reads && !shared.Initialised.Has(offset, bytes))
        {
            ReportUnwrittenShared(lane, offset);
        }
        if (Launch.ChecksRaces)
        {
            AccessStamp me = stamp.OfLane(lane);
            int step = 1 << Launch.Code.ShadowShift;
            for (long at = offset; at < offset + bytes; at += step)
            {
                ref ShadowCell cell = ref shared.Cell(at);
                AccessStamp other = writes ? cell.Write(me, this) : cell.Read(me, this);
                if (!other.IsNone)
                {
                    ReportSharedRace(lane, at, mode, other);
                }
            }
            if ((mode & AccessMode.Atomic) != 0 && Launch.FencesSeen)
            {
                Clock.Atomic(Launch.Place(-1 - Block.Number, offset), reads, writes);
            }
        }
        if (writes)
        {
            shared.Initialised.Set(offset, bytes);
        }
        return shared.Data + offset;
    }

    private byte* LocateLocal(int lane, long offset, int bytes, AccessMode mode)
    {
        byte* found = Local.Find(lane, offset, bytes);
        bool reads = (mode & AccessMode.Read) != 0;
        if (found is null || (Launch.ChecksInitialised && reads && !Local.IsWritten(lane, offset, bytes)))
        {
            ReportLocal(lane, offset, bytes, mode, inside: found is not null);
        }
        if (found is not null && (mode & AccessMode.Write) != 0)
        {
            Local.SetWritten(lane, offset, bytes);
        }
        return found;
    }
}
