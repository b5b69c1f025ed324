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

    private static string Verb(AccessMode mode) => mode.HasFlag(AccessMode.Write) ? mode.HasFlag(AccessMode.Read) ? "updates" : "writes"
        : "reads";

    private byte* LocateGlobal(PtxSpace space, int lane, ulong address, int bytes, AccessMode mode, AccessStamp stamp)
    {
        Allocation? allocation = Launch.Memory.Find(address);
        long offset = AddressMap.Offset(address);
        if (allocation is null)
        {
            Launch.Findings.Report(FindingKind.OutOfBounds, this, lane, () =>
                $"{Verb(mode)} {bytes} bytes at 0x{address:x}, which is in no buffer{(address < 1 << 20 ? " (a null pointer?)" : "")}");
            return null;
        }
        if (allocation.IsFreed)
        {
            Launch.Findings.Report(FindingKind.UseAfterFree, this, lane, () =>
                $"{Verb(mode)} {bytes} bytes of {allocation.Name}, which was given back", allocation.Name);
            return null;
        }
        if (offset < 0 || offset > allocation.Bytes - bytes)
        {
            Launch.Findings.Report(FindingKind.OutOfBounds, this, lane, () =>
                $"{Verb(mode)} {bytes} bytes at byte {offset} of {allocation.Name}, which has {allocation.Bytes}", allocation.Name);
            return null;
        }
        if (Launch.ChecksAlignment && (offset & (bytes - 1)) != 0)
        {
            Launch.Findings.Report(FindingKind.Misaligned, this, lane, () =>
                $"{Verb(mode)} {bytes} bytes at byte {offset} of {allocation.Name}, which is no multiple of {bytes}", allocation.Name);
            return null;
        }
        bool writes = mode.HasFlag(AccessMode.Write), reads = mode.HasFlag(AccessMode.Read);
        if (allocation.IsConstant ? writes : space == PtxSpace.Const)
        {
            Launch.Findings.Report(FindingKind.ReadOnlyWrite, this, lane, () =>
                writes ? $"writes to the constant {allocation.Name}" : $"reads {allocation.Name} as a constant, which it is not",
                    allocation.Name);
            return null;
        }
        if (Launch.ChecksInitialised && reads && !allocation.Initialised.Has(offset, bytes))
        {
            Launch.Findings.Report(FindingKind.UninitialisedMemory, this, lane, () =>
                $"reads byte {allocation.Initialised.FirstMissing(offset, bytes)} of {allocation.Name}, which nothing was written to",
                allocation.Name);
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
            if (mode.HasFlag(AccessMode.Atomic) && Launch.FencesSeen)
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

    private void ReportGlobalRace(int lane, Allocation allocation, long offset, AccessMode mode, AccessStamp other)
    {
        bool readOnly = mode.HasFlag(AccessMode.ReadOnly) || other.IsReadOnly;
        Launch.Findings.Report(readOnly ? FindingKind.NotReadOnly : FindingKind.GlobalRace, this, lane, () => readOnly
            ? $"byte {offset} of {allocation.Name} is read as read-only data, and written by the same launch"
            : $"{Verb(mode)} byte {offset} of {allocation.Name} without order to another access", allocation.Name, other);
    }

    private byte* LocateShared(int lane, long offset, int bytes, AccessMode mode, AccessStamp stamp)
    {
        SharedMemory shared = Block.Shared;
        string? array = shared.Layout.Find(offset, bytes);
        if (array is null)
        {
            string near = shared.Layout.Near(offset);
            Launch.Findings.Report(FindingKind.OutOfBounds, this, lane, () =>
                $"{Verb(mode)} {bytes} shared bytes {shared.Layout.Describe(offset)}", near);
            return null;
        }
        if (Launch.ChecksAlignment && (offset & (bytes - 1)) != 0)
        {
            Launch.Findings.Report(FindingKind.Misaligned, this, lane, () =>
                $"{Verb(mode)} {bytes} shared bytes {shared.Layout.Describe(offset)}, which is no multiple of {bytes}", array);
            return null;
        }
        if (shared.PendingCopies > 0 && shared.IsPending(offset, bytes))
        {
            Launch.Findings.Report(FindingKind.AsyncCopyNotWaited, this, lane, () =>
                $"{Verb(mode)} shared memory {shared.Layout.Describe(offset)} while an asynchronous copy into it may be under way", array);
        }
        bool writes = mode.HasFlag(AccessMode.Write), reads = mode.HasFlag(AccessMode.Read);
        if (Launch.ChecksInitialised && reads && !shared.Initialised.Has(offset, bytes))
        {
            Launch.Findings.Report(FindingKind.UninitialisedMemory, this, lane, () =>
                $"reads shared memory {shared.Layout.Describe(offset)}, which nothing was written to", array);
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
                    ReportSharedRace(lane, array, at, mode, other);
                }
            }
            if (mode.HasFlag(AccessMode.Atomic) && Launch.FencesSeen)
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

    private void ReportSharedRace(int lane, string array, long offset, AccessMode mode, AccessStamp other) =>
        Launch.Findings.Report(FindingKind.SharedRace, this, lane, () =>
            $"{Verb(mode)} shared memory {Block.Shared.Layout.Describe(offset)} without order to another access", array, other);

    private byte* LocateLocal(int lane, long offset, int bytes, AccessMode mode)
    {
        byte* found = Local.Find(lane, offset, bytes);
        if (found is null)
        {
            Launch.Findings.Report(FindingKind.OutOfBounds, this, lane, () =>
                $"{Verb(mode)} {bytes} bytes at byte {offset} of local memory, which has {Local.Bytes}", "local memory");
            return null;
        }
        if (Launch.ChecksInitialised && mode.HasFlag(AccessMode.Read) && !Local.IsWritten(lane, offset, bytes))
        {
            Launch.Findings.Report(FindingKind.UninitialisedMemory, this, lane, () =>
                $"reads byte {offset} of local memory, which nothing was written to", "local memory");
        }
        if (mode.HasFlag(AccessMode.Write))
        {
            Local.SetWritten(lane, offset, bytes);
        }
        return found;
    }
}
