using System.Numerics;

namespace Pigeon.Simulator;

/// <summary>A block of threads: its warps, its shared memory and its barriers.</summary>
internal sealed class Block : IDisposable
{
    private readonly Launch launch;
    private readonly List<(Warp Warp, BarrierOperation Operation)>[] barriers = new List<(Warp, BarrierOperation)>[16];

    public Block(Launch launch)
    {
        this.launch = launch;
        Shared = new SharedMemory(launch.SharedLayout, launch.Code.ShadowShift);
        Warps = [.. Enumerable.Range(0, launch.WarpsPerBlock).Select(index => new Warp(launch, this, index))];
        for (int i = 0; i < barriers.Length; i++)
        {
            barriers[i] = [];
        }
    }

    /// <summary>Its number in the grid, x first.</summary>
    public int Number { get; private set; }

    /// <summary>Its shared memory.</summary>
    public SharedMemory Shared { get; }

    /// <summary>Its warps.</summary>
    public Warp[] Warps { get; }

    /// <summary>Whether all its threads have ended.</summary>
    public bool IsDone => Array.TrueForAll(Warps, warp => warp.State == WarpState.Done);

    /// <summary>Becomes another block of the grid.</summary>
    public void Start(int number)
    {
        Number = number;
        Shared.Reset();
        foreach (List<(Warp, BarrierOperation)> barrier in barriers)
        {
            barrier.Clear();
        }
        foreach (Warp warp in Warps)
        {
            warp.Start(launch.ThreadsPerBlock - (warp.Index * 32));
        }
    }

    /// <summary>A warp comes to a barrier.</summary>
    public void Arrive(Warp warp, BarrierOperation operation)
    {
        List<(Warp Warp, BarrierOperation Operation)> barrier = barriers[operation.Number(warp)];
        (Warp? other, BarrierOperation? otherOperation) = barrier.FirstOrDefault();
        // Two places may share a barrier that says how many threads it waits for; __syncthreads doesn't.
        if (other is not null && operation.Threads(warp) == 0 && otherOperation != operation)
        {
            launch.Findings.Report(FindingKind.DivergentBarrier, warp, BitOperations.TrailingZeroCount(warp.Alive), () =>
                "threads of one block wait at two different barriers", other: other.Stamp());
        }
        barrier.Add((warp, operation));
        warp.State = WarpState.Waiting;
        if (operation.Kind == BarrierKind.Arrive)
        {
            warp.Release(0);
        }
        Check(barrier);
    }

    /// <summary>A warp has ended: barriers that waited for the rest may be complete.</summary>
    public void Ended()
    {
        foreach (List<(Warp, BarrierOperation)> barrier in barriers)
        {
            Check(barrier);
        }
    }

    /// <summary>Reports threads that wait for each other for ever.</summary>
    /// <returns>Whether there are any.</returns>
    public bool ReportDeadlock()
    {
        Warp? waiting = Array.Find(Warps, warp => warp.State == WarpState.Waiting);
        if (waiting is null)
        {
            return false;
        }
        Warp? other = Array.Find(Warps, warp => warp.State == WarpState.Waiting && warp.At != waiting.At);
        int lane = BitOperations.TrailingZeroCount(waiting.Alive);
        launch.Findings.Report(other is null ? FindingKind.Deadlock : FindingKind.DivergentBarrier, waiting, lane, () =>
            "threads wait at a barrier that the others never come to", other: other?.Stamp() ?? default);
        return true;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Warp warp in Warps)
        {
            warp.Dispose();
        }
        Shared.Dispose();
    }

    private void Check(List<(Warp Warp, BarrierOperation Operation)> barrier)
    {
        if (barrier.Count == 0)
        {
            return;
        }
        int threads = barrier[0].Operation.Threads(barrier[0].Warp);
        int expected = threads == 0 ? Warps.Count(warp => warp.State != WarpState.Done) : (threads + 31) / 32;
        if (barrier.Count < expected)
        {
            return;
        }
        (Warp Warp, BarrierOperation Operation)[] arrived = [.. barrier];
        barrier.Clear();
        uint votes = 0, alive = 0;
        foreach ((Warp warp, BarrierOperation operation) in arrived)
        {
            votes += (uint)BitOperations.PopCount(operation.Votes(warp));
            alive += (uint)BitOperations.PopCount(warp.Alive);
        }
        WarpClock.SyncWarps([.. arrived.Select(entry => entry.Warp)]);
        foreach ((Warp warp, BarrierOperation operation) in arrived)
        {
            if (operation.Kind != BarrierKind.Arrive)
            {
                warp.Release(operation.Kind == BarrierKind.And ? (votes == alive ? 1u : 0) : votes);
                launch.MakeReady(warp);
            }
        }
    }
}
