using System.Diagnostics;
using Pigeon.Runtime;

namespace Pigeon.Simulator;

/// <summary>A point in time. What passes between two is the time of the simulation, which says nothing about a GPU.</summary>
internal sealed class SimulatorEvent : IGpuEvent
{
    private long time;

    /// <summary>Notes that it is now.</summary>
    public void Record() => time = Stopwatch.GetTimestamp();

    /// <inheritdoc/>
    public double MillisecondsSince(IGpuEvent earlier) => Stopwatch.GetElapsedTime(((SimulatorEvent)earlier).time, time).TotalMilliseconds;

    /// <inheritdoc/>
    public void Dispose()
    {
    }
}
