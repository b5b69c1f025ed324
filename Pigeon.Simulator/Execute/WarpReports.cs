namespace Pigeon.Simulator;

/// <summary>
/// What is said about faults. It stands apart from where they are looked for: texts are made by closures, and a method that has one pays
/// for it whether it is needed or not.
/// </summary>
internal sealed partial class Warp
{
    private static string Verb(AccessMode mode) =>
        !mode.HasFlag(AccessMode.Write) ? "reads" : mode.HasFlag(AccessMode.Read) ? "updates" : "writes";

    private void RefuseGlobal(Allocation? allocation, int lane, ulong address, int bytes, AccessMode mode)
    {
        long offset = AddressMap.Offset(address);
        (FindingKind kind, string what) = allocation switch
        {
            null => (FindingKind.OutOfBounds,
                $"{bytes} bytes at 0x{address:x}, which is in no buffer{(address < 1 << 20 ? " (a null pointer?)" : "")}"),
            { IsFreed: true } => (FindingKind.UseAfterFree, $"{bytes} bytes of {allocation.Name}, which was given back"),
            _ when offset < 0 || offset > allocation.Bytes - bytes =>
                (FindingKind.OutOfBounds, $"{bytes} bytes at byte {offset} of {allocation.Name}, which has {allocation.Bytes}"),
            _ when (offset & (bytes - 1)) != 0 =>
                (FindingKind.Misaligned, $"{bytes} bytes at byte {offset} of {allocation.Name}, which is no multiple of {bytes}"),
            { IsConstant: true } => (FindingKind.ReadOnlyWrite, $"the constant {allocation.Name}"),
            _ => (FindingKind.ReadOnlyWrite, $"{allocation.Name} as a constant, which it is not"),
        };
        Launch.Findings.Report(kind, this, lane, () => $"{Verb(mode)} {what}", allocation?.Name);
    }

    private void ReportUnwritten(Allocation allocation, int lane, long offset, int bytes) =>
        Launch.Findings.Report(FindingKind.UninitialisedMemory, this, lane, () =>
            $"reads byte {allocation.Initialised.FirstMissing(offset, bytes)} of {allocation.Name}, which nothing was written to",
            allocation.Name);

    private void ReportGlobalRace(int lane, Allocation allocation, long offset, AccessMode mode, AccessStamp other)
    {
        bool readOnly = mode.HasFlag(AccessMode.ReadOnly) || other.IsReadOnly;
        Launch.Findings.Report(readOnly ? FindingKind.NotReadOnly : FindingKind.GlobalRace, this, lane, () => readOnly
            ? $"byte {offset} of {allocation.Name} is read as read-only data, and written by the same launch"
            : $"{Verb(mode)} byte {offset} of {allocation.Name} without order to another access", allocation.Name, other);
    }

    private void RefuseShared(int lane, long offset, int bytes, AccessMode mode)
    {
        SharedLayout layout = Block.Shared.Layout;
        bool inside = layout.Holds(offset, bytes);
        string wrong = inside ? $", which is no multiple of {bytes}" : "";
        Launch.Findings.Report(inside ? FindingKind.Misaligned : FindingKind.OutOfBounds, this, lane, () =>
            $"{Verb(mode)} {bytes} shared bytes {layout.Describe(offset)}{wrong}", layout.Near(offset));
    }

    private void ReportPending(int lane, long offset, AccessMode mode)
    {
        SharedLayout layout = Block.Shared.Layout;
        Launch.Findings.Report(FindingKind.AsyncCopyNotWaited, this, lane, () =>
            $"{Verb(mode)} shared memory {layout.Describe(offset)} while an asynchronous copy into it may be under way",
                layout.Near(offset));
    }

    private void ReportUnwrittenShared(int lane, long offset)
    {
        SharedLayout layout = Block.Shared.Layout;
        Launch.Findings.Report(FindingKind.UninitialisedMemory, this, lane, () =>
            $"reads shared memory {layout.Describe(offset)}, which nothing was written to", layout.Near(offset));
    }

    private void ReportSharedRace(int lane, long offset, AccessMode mode, AccessStamp other)
    {
        SharedLayout layout = Block.Shared.Layout;
        Launch.Findings.Report(FindingKind.SharedRace, this, lane, () =>
            $"{Verb(mode)} shared memory {layout.Describe(offset)} without order to another access", layout.Near(offset), other);
    }

    private void ReportLocal(int lane, long offset, int bytes, AccessMode mode, bool inside) =>
        Launch.Findings.Report(inside ? FindingKind.UninitialisedMemory : FindingKind.OutOfBounds, this, lane, () => inside
            ? $"reads byte {offset} of local memory, which nothing was written to"
            : $"{Verb(mode)} {bytes} bytes at byte {offset} of local memory, which has {Local.Bytes}", "local memory");

    private void ReportUndefined(int slot, int lane) =>
        Launch.Findings.Report(FindingKind.UninitialisedRegister, this, lane, () =>
            $"the register {frame.Code.Function.Registers.ElementAtOrDefault(slot)?.Name ?? "of a constant"} has no defined value");

    private void ReportStrangers(uint subset, uint members, uint strangers, int lane) =>
        Launch.Findings.Report(FindingKind.DivergentWarp, this, lane, () =>
            $"lanes 0x{subset:x8} name the lanes 0x{members:x8}, but lanes 0x{strangers:x8} don't fit that");

    private void ReportMissing(uint active, int lane) => Launch.Findings.Report(FindingKind.DivergentWarp, this, lane, () =>
        $"lanes 0x{~active:x8} don't take part, but all 32 must");
}
