namespace Pigeon.Benchmarks;

/// <summary>The times of a peer's runs.</summary>
internal sealed class Times
{
    private readonly List<double> wall = [];
    private readonly List<double> cpu = [];

    /// <summary>The number of runs.</summary>
    public int Count => cpu.Count;

    /// <summary>The wall time of all runs.</summary>
    public TimeSpan Total { get; private set; }

    /// <summary>The median CPU time, in ms.</summary>
    public double CpuMs => Median(cpu);

    /// <summary>The least CPU time, in ms.</summary>
    public double LeastCpuMs => cpu.Min();

    /// <summary>The median wall time, in ms.</summary>
    public double WallMs => Median(wall);

    /// <summary>Adds a run.</summary>
    public void Add(TimeSpan wallTime, TimeSpan cpuTime)
    {
        Total += wallTime;
        wall.Add(wallTime.TotalMilliseconds);
        cpu.Add(cpuTime.TotalMilliseconds);
    }

    private static double Median(List<double> values)
    {
        double[] sorted = [.. values.Order()];
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
