using System.Numerics;

namespace Pigeon.Simulator;

/// <summary>
/// The asynchronous copies of a warp's threads. What a copy brings is held back until its thread waits for it; until then the destination
/// is poisoned, and every access to it is a finding.
/// </summary>
internal sealed unsafe class AsyncCopies(Warp warp)
{
    private readonly List<Copy> pending = [];
    private readonly int[] groups = new int[32];

    /// <summary>Forgets everything.</summary>
    public void Reset()
    {
        pending.Clear();
        Array.Clear(groups);
    }

    /// <summary>Begins a copy.</summary>
    /// <param name="lane">The thread.</param>
    /// <param name="offset">The destination in shared memory.</param>
    /// <param name="data">What it brings; zeros behind it.</param>
    /// <param name="bytes">4, 8 or 16 bytes.</param>
    public void Begin(int lane, long offset, ReadOnlySpan<byte> data, int bytes)
    {
        SharedMemory shared = warp.Block.Shared;
        var copy = new Copy(lane, groups[lane], offset, bytes, new byte[bytes]);
        data.CopyTo(copy.Data);
        pending.Add(copy);
        new Span<byte>(shared.Data + offset, bytes).Fill(0x7F);
        shared.SetPending(offset, bytes, begins: true);
    }

    /// <summary>Closes the group that lanes are filling.</summary>
    public void Commit(uint lanes)
    {
        for (; lanes != 0; lanes &= lanes - 1)
        {
            groups[BitOperations.TrailingZeroCount(lanes)]++;
        }
    }

    /// <summary>Ends all copies of lanes but those of the latest groups.</summary>
    /// <param name="lanes">The lanes.</param>
    /// <param name="but">How many groups may stay under way.</param>
    public void Wait(uint lanes, int but)
    {
        AccessStamp stamp = warp.Stamp();
        int kept = 0;
        for (int i = 0; i < pending.Count; i++)
        {
            Copy copy = pending[i];
            if ((lanes >> copy.Lane & 1) == 0 || copy.Group >= groups[copy.Lane] - but)
            {
                pending[kept++] = copy;
                continue;
            }
            SharedMemory shared = warp.Block.Shared;
            shared.SetPending(copy.Offset, copy.Bytes, begins: false);
            byte* to = warp.Locate(PtxSpace.Shared, copy.Lane, (ulong)copy.Offset, copy.Bytes, AccessMode.Write, stamp);
            if (to is not null)
            {
                copy.Data.CopyTo(new Span<byte>(to, copy.Bytes));
            }
        }
        pending.RemoveRange(kept, pending.Count - kept);
    }

    private readonly record struct Copy(int Lane, int Group, long Offset, int Bytes, byte[] Data);
}
