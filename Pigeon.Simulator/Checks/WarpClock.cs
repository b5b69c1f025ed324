using Pigeon.Kernels;

namespace Pigeon.Simulator;

/// <summary>
/// What a warp knows to have happened. Its time is cut into epochs by everything that orders memory: barriers of lanes and of the block,
/// and fences. An access is ordered before another if a chain of these leads from the one to the other. Between blocks that takes a fence
/// and an atomic on one side, and an atomic on the same place and a fence on the other.
/// </summary>
internal sealed class WarpClock(Launch launch, Block block, int index)
{
    private const int Answers = 16;
    private readonly (ulong Time, int Epoch, bool IsOrdered)[] answers = new (ulong, int, bool)[Answers];
    private readonly int[] known = new int[launch.WarpsPerBlock];
    private readonly List<(SyncPlace Place, int Count)> acquired = [];
    private readonly List<(SyncPlace Place, int Count)> pending = [];
    private int[]? lanes;
    private int all = -1;
    private Release? release;

    /// <summary>The number of the warp in the launch.</summary>
    public int Number => checked((block.Number * launch.WarpsPerBlock) + index);

    /// <summary>The present epoch.</summary>
    public int Epoch { get; private set; }

    /// <summary>Forgets everything.</summary>
    public void Reset()
    {
        Array.Fill(known, -1);
        Array.Clear(answers);
        acquired.Clear();
        pending.Clear();
        lanes = null;
        (all, release, Epoch) = (-1, null, 0);
    }

    /// <summary>Whether an access of another thread is ordered before what a lane does now.</summary>
    public bool IsOrdered(AccessStamp earlier, int lane)
    {
        if (lanes is not null)
        {
            return earlier.SameThread(new AccessStamp(Number, lane, 0, 0, false, false)) || Knows(earlier, lane);
        }

        // All lanes know the same, and nothing new before the next epoch: one question in one epoch has one answer.
        ulong time = earlier.Bits & AccessStamp.Time;
        ref (ulong Time, int Epoch, bool IsOrdered) answer = ref answers[(int)earlier.Bits & (Answers - 1)];
        if (answer.Time != time || answer.Epoch != Epoch)
        {
            answer = (time, Epoch, Knows(earlier, lane));
        }
        return answer.IsOrdered;
    }

    private bool Knows(AccessStamp earlier, int lane)
    {
        int warp = earlier.Warp;
        int first = block.Number * launch.WarpsPerBlock;
        if (warp == first + index)
        {
            if (Known(lane, earlier.Lane) >= earlier.Epoch)
            {
                return true;
            }
        }
        else
        {
            int inBlock = warp - first;
            if ((uint)inBlock < (uint)known.Length && known[inBlock] >= earlier.Epoch)
            {
                return true;
            }
        }
        return acquired.Count > 0 && Knows(acquired, warp, earlier.Epoch, []);
    }

    /// <summary>Orders what these lanes did before what they do from now on.</summary>
    public void SyncLanes(uint members, uint alive)
    {
        if ((members & alive) == alive)
        {
            all = Epoch;
            lanes = null;
        }
        else
        {
            int[] joined = new int[32];
            lanes ??= Enumerable.Repeat(all, 32 * 32).ToArray();
            for (int lane = 0; lane < 32; lane++)
            {
                for (int other = 0; other < 32; other++)
                {
                    int knows = (members >> lane & 1) != 0 ? Known(lane, other) : -1;
                    joined[other] = Math.Max(joined[other], (members >> other & 1) != 0 ? Epoch : knows);
                }
            }
            for (int lane = 0; lane < 32; lane++)
            {
                if ((members >> lane & 1) != 0)
                {
                    joined.CopyTo(lanes, lane * 32);
                }
            }
        }
        NextEpoch();
    }

    /// <summary>Orders what these warps of a block did before what they do from now on.</summary>
    public static void SyncWarps(List<Warp> warps)
    {
        int[] joined = new int[warps[0].Clock.known.Length];
        Array.Fill(joined, -1);
        var places = new HashSet<(SyncPlace, int)>();
        foreach (Warp warp in warps)
        {
            WarpClock clock = warp.Clock;
            for (int other = 0; other < joined.Length; other++)
            {
                joined[other] = Math.Max(joined[other], clock.known[other]);
            }
            joined[warp.Index] = clock.Epoch;
            places.UnionWith(clock.acquired);
        }
        foreach (Warp warp in warps)
        {
            WarpClock clock = warp.Clock;
            joined.CopyTo(clock.known, 0);
            if (places.Count > clock.acquired.Count)
            {
                clock.acquired.Clear();
                clock.acquired.AddRange(places);
            }
            clock.all = clock.Epoch;
            clock.lanes = null;
            clock.NextEpoch();
        }
    }

    /// <summary>A fence: what was done becomes known to those who see a later atomic, and what was seen becomes known.</summary>
    /// <param name="device">Whether it holds for the whole device, and not only for the block.</param>
    public void Fence(bool device)
    {
        launch.FencesSeen = true;
        acquired.AddRange(pending);
        pending.Clear();
        known[index] = Epoch;
        release = new Release(block.Number, device, [.. known], [.. acquired]);
        NextEpoch();
    }

    /// <summary>An atomic access, or one that is strong: it may pass on what fences made known.</summary>
    public void Atomic(SyncPlace place, bool reads, bool writes)
    {
        if (reads && place.Releases.Count > 0)
        {
            pending.Add((place, place.Releases.Count));
        }
        if (writes && release is not null)
        {
            place.Releases.Add(release);
        }
    }

    private int Known(int lane, int other) => lanes is null ? all : lanes[(lane * 32) + other];

    private bool Knows(List<(SyncPlace Place, int Count)> places, int warp, int epoch, HashSet<(SyncPlace, int)> seen)
    {
        int of = warp / launch.WarpsPerBlock;
        foreach ((SyncPlace place, int count) in places)
        {
            if (!seen.Add((place, count)))
            {
                continue;
            }
            for (int i = 0; i < count; i++)
            {
                Release passed = place.Releases[i];
                if (!passed.Device && passed.Block != block.Number)
                {
                    continue;
                }
                if ((passed.Block == of && passed.Known[warp - (of * launch.WarpsPerBlock)] >= epoch)
                    || (passed.Acquired.Count > 0 && Knows(passed.Acquired, warp, epoch, seen)))
                {
                    return true;
                }
            }
        }
        return false;
    }

    private void NextEpoch()
    {
        if (++Epoch >= AccessStamp.MaxEpochs && launch.ChecksRaces)
        {
            throw new PigeonException("PG0654", $"a warp passes {Epoch} barriers and fences, more than the race checks can tell apart",
                launch.Code.Name, "use a smaller graph, or switch the race checks off");
        }
    }

    /// <summary>What a fence made known.</summary>
    internal sealed record Release(int Block, bool Device, int[] Known, List<(SyncPlace Place, int Count)> Acquired);
}

/// <summary>A place in memory that atomics pass knowledge through.</summary>
internal sealed class SyncPlace
{
    /// <summary>What was passed on, in order.</summary>
    public List<WarpClock.Release> Releases { get; } = [];
}
