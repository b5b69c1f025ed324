using System.Numerics;

namespace Pigeon.Simulator;

/// <summary><c>cp.async</c>: begins a copy from memory of the device to shared memory.</summary>
internal sealed unsafe class AsyncCopyOperation(AddressOperand destination, AddressOperand source, int bytes, Row sourceBytes, Row ignore,
    uint flip)
    : MemoryOperation(source)
{
    private readonly AddressOperand destination = destination;

    /// <inheritdoc/>
    public override void Run(Warp warp, uint lanes)
    {
        SharedMemory shared = warp.Block.Shared;
        Count(warp, lanes, bytes);
        AccessStamp stamp = warp.Stamp();
        for (uint left = lanes; left != 0; left &= left - 1)
        {
            int lane = BitOperations.TrailingZeroCount(left);
            long to = (long)((destination.Base.Bytes == 8
                ? warp.Values<ulong>(destination.Base)[lane] : warp.Values<uint>(destination.Base)[lane]) + (ulong)destination.Offset);
            int count = sourceBytes.Exists ? (int)Math.Min(warp.Values<uint>(sourceBytes)[lane], (uint)bytes) : bytes;
            count = ignore.Exists && ((warp.Predicate(ignore) ^ flip) >> lane & 1) != 0 ? 0 : count;
            if (!CheckDestination(warp, lane, to))
            {
                continue;
            }
            if (shared.PendingCopies > 0 && shared.IsPending(to, bytes))
            {
                ReportPending(warp, lane, to);
            }
            byte* from = count == 0 ? null : Read(warp, lane, count, stamp);
            warp.Copies.Begin(lane, to, from is null ? [] : new ReadOnlySpan<byte>(from, count), bytes);
        }
    }

    private byte* Read(Warp warp, int lane, int count, AccessStamp stamp)
    {
        // A short copy of an odd length is looked at byte by byte.
        if (int.IsPow2(count))
        {
            return warp.Locate(Space, lane, Address(warp, lane), count, AccessMode.Read, stamp);
        }
        byte* first = null;
        for (int i = 0; i < count; i++)
        {
            byte* at = warp.Locate(Space, lane, Address(warp, lane) + (ulong)i, 1, AccessMode.Read, stamp);
            if (at is null)
            {
                return null;
            }
            first = first is null ? at : first;
        }
        return first;
    }

    private bool CheckDestination(Warp warp, int lane, long to)
    {
        SharedMemory shared = warp.Block.Shared;
        if (!shared.Layout.Holds(to, bytes) || (to & (bytes - 1)) != 0)
        {
            Refuse(warp, lane, to);
            return false;
        }
        AccessStamp me = warp.Stamp().OfLane(lane);
        for (long at = to; warp.Launch.ChecksRaces && at < to + bytes; at += 1L << warp.Launch.Code.ShadowShift)
        {
            AccessStamp other = shared.Cell(at).TryWrite(me, warp);
            if (!other.IsNone)
            {
                ReportRace(warp, lane, at, other);
                break;
            }
        }
        return true;
    }

    private void Refuse(Warp warp, int lane, long to)
    {
        SharedLayout layout = warp.Block.Shared.Layout;
        FindingKind kind = layout.Holds(to, bytes) ? FindingKind.Misaligned : FindingKind.OutOfBounds;
        warp.Launch.Findings.Report(kind, warp, lane, () => $"copies {bytes} bytes to shared memory {layout.Describe(to)}",
            layout.Near(to));
    }

    private static void ReportRace(Warp warp, int lane, long at, AccessStamp other)
    {
        SharedLayout layout = warp.Block.Shared.Layout;
        warp.Launch.Findings.Report(FindingKind.SharedRace, warp, lane, () =>
            $"copies to shared memory {layout.Describe(at)} without order to another access", layout.Near(at), other);
    }

    private static void ReportPending(Warp warp, int lane, long to)
    {
        SharedLayout layout = warp.Block.Shared.Layout;
        warp.Launch.Findings.Report(FindingKind.AsyncCopyNotWaited, warp, lane, () =>
            $"copies to shared memory {layout.Describe(to)} while another copy into it may be under way", layout.Near(to));
    }
}

/// <summary><c>cp.async.commit_group</c>.</summary>
internal sealed class AsyncCommitOperation : Operation
{
    /// <inheritdoc/>
    public override void Run(Warp warp, uint lanes) => warp.Copies.Commit(lanes);
}

/// <summary><c>cp.async.wait_group</c> and <c>cp.async.wait_all</c>.</summary>
/// <param name="but">How many groups may stay under way; -1 to end the open group too.</param>
internal sealed class AsyncWaitOperation(int but) : Operation
{
    /// <inheritdoc/>
    public override void Run(Warp warp, uint lanes)
    {
        if (but < 0)
        {
            warp.Copies.Commit(lanes);
        }
        warp.Copies.Wait(lanes, Math.Max(but, 0));
    }
}
