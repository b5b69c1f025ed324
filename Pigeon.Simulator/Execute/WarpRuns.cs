using System.Runtime.Intrinsics;

namespace Pigeon.Simulator;

/// <summary>The short way for a whole warp whose lanes access memory of the device side by side: one look-up, all checks.</summary>
internal sealed unsafe partial class Warp
{
    /// <summary>Finds memory for the accesses of all lanes, where each begins at the end of the one before, and notes them.</summary>
    /// <param name="space">The state space.</param>
    /// <param name="addresses">The addresses of the lanes, before <paramref name="offset"/> is added.</param>
    /// <param name="offset">What is added.</param>
    /// <param name="bytes">The bytes of a lane.</param>
    /// <param name="mode">How they are accessed.</param>
    /// <param name="stamp">Lane 0's stamp.</param>
    /// <returns>The first byte; null where lanes are to be looked at one by one, and then nothing was noted.</returns>
    public byte* LocateRun(PtxSpace space, ulong* addresses, long offset, int bytes, AccessMode mode, AccessStamp stamp)
    {
        int length = 32 * bytes;
        ulong address = unchecked(addresses[0] + (ulong)offset);
        if (space is not (PtxSpace.Global or PtxSpace.Generic) || (mode & AccessMode.Atomic) != 0 || !Follow(addresses, (ulong)bytes)
            || Launch.Memory.Find(address) is not { IsFreed: false, IsConstant: false } allocation)
        {
            return null;
        }
        long at = AddressMap.Offset(address);
        bool writes = (mode & AccessMode.Write) != 0;
        if (at < 0 || at > allocation.Bytes - length || (at & (bytes - 1)) != 0
            || (!writes && Launch.ChecksInitialised && !allocation.Initialised.HasRange(at, length)))
        {
            return null;
        }
        if (Launch.ChecksRaces)
        {
            Span<ShadowCell> cells = allocation.Shadow.Cells(at, length, Launch.Number, Launch.Code.ShadowShift);
            if (cells.IsEmpty)
            {
                return null;
            }
            NoteRun(cells, allocation, at, mode, stamp);
        }
        if (writes)
        {
            allocation.Initialised.SetRange(at, length);
        }
        if (Launch.Options.Counters)
        {
            for (long sector = at & ~31L; sector < at + length; sector += 32)
            {
                allocation.Touch(Launch.Number, sector, writes);
            }
        }
        return allocation.Data + at;
    }

    private static bool Follow(ulong* addresses, ulong bytes)
    {
        Vector256<ulong> expected = Vector256.Create(addresses[0]) + (Vector256.Create(0ul, 1, 2, 3) * bytes);
        Vector256<ulong> step = Vector256.Create(4 * bytes);
        for (int lane = 0; lane < 32; lane += Vector256<ulong>.Count, expected += step)
        {
            if (Vector256.Load(addresses + lane) != expected)
            {
                return false;
            }
        }
        return true;
    }

    private void NoteRun(Span<ShadowCell> cells, Allocation allocation, long at, AccessMode mode, AccessStamp stamp)
    {
        bool writes = (mode & AccessMode.Write) != 0;
        int each = cells.Length / 32, next = 0;
        for (int lane = 0; lane < 32; lane++)
        {
            AccessStamp me = stamp.OfLane(lane);
            for (int i = 0; i < each; i++, next++)
            {
                AccessStamp other = writes ? cells[next].Write(me, this) : cells[next].Read(me, this);
                if (!other.IsNone)
                {
                    ReportGlobalRace(lane, allocation, at + ((long)next << Launch.Code.ShadowShift), mode, other);
                }
            }
        }
    }
}
