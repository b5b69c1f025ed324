using Pigeon.Kernels;

namespace Pigeon.Cli;

/// <summary>
/// How long one core takes to read rows as the kernels of a plan do: kernel after kernel, as many rows of the same widths, from tables of the same
/// sizes that lie side by side as the plan's values do, in random order where a kernel gathers, asking for rows ahead, and else one after the other.
/// So the caches hold of the tables what they hold when the kernels run.
/// </summary>
internal sealed class RowBandwidth : IDisposable
{
    /// <summary>Random rows that are picked in advance for a table; more of them are picked again.</summary>
    private const int MostPicked = 1 << 20;

    private readonly NativeBuffer memory;
    private readonly long length;
    private readonly Table[][] kernels;
    private readonly double[] cpuMs;
    private float sink;

    /// <summary>Lays out the tables.</summary>
    /// <param name="kernels">For each kernel, the rows that it asks for.</param>
    /// <param name="largest">The bytes of all tables together; beyond it they overlap, and a larger table is cut.</param>
    public RowBandwidth(IReadOnlyList<IReadOnlyList<RowTraffic>> kernels, long largest = 1L << 29)
    {
        long size = largest / sizeof(float);
        long end = 0;
        var places = new Dictionary<int, long>();
        foreach (RowTraffic rows in kernels.SelectMany(rows => rows))
        {
            long floats = Math.Min(size, Math.Max(rows.RowFloats, rows.TableBytes / sizeof(float)));
            if (!places.ContainsKey(rows.Value))
            {
                places[rows.Value] = end + floats <= size ? end : 0;
                end += floats;
            }
        }

        // Written once: memory that was never written is one page of zeros, which is always in the cache.
        length = Math.Min(end, size);
        memory = new(length * sizeof(float));
        memory.View<float>(0, (int)length).Fill(1);
        this.kernels = [.. kernels.Select(rows => rows.Select(row => Place(row, places[row.Value])).ToArray())];
        cpuMs = new double[kernels.Count];
    }

    /// <summary>Reads the rows of all kernels, and returns the CPU time of each kernel's in milliseconds.</summary>
    public IReadOnlyList<double> Measure()
    {
        for (int kernel = 0; kernel < kernels.Length; kernel++)
        {
            TimeSpan start = Environment.CpuUsage.TotalTime;
            foreach (Table table in kernels[kernel])
            {
                sink += RowReader.Read(memory.View<float>(table.Place * sizeof(float), (int)(length - table.Place)), table.RowFloats, table.Count, table.Rows, table.IsGathered);
            }

            cpuMs[kernel] = (Environment.CpuUsage.TotalTime - start).TotalMilliseconds;
        }

        return cpuMs;
    }

    /// <inheritdoc/>
    public void Dispose() => memory.Dispose();

    private Table Place(RowTraffic traffic, long place)
    {
        int tableRows = (int)Math.Max(1, Math.Min(length - place, traffic.TableBytes / sizeof(float)) / traffic.RowFloats);
        long count = traffic.Bytes / sizeof(float) / traffic.RowFloats;
        int[] rows = new int[Math.Min(count, traffic.IsGathered ? MostPicked : tableRows)];
        var random = new Random(traffic.Value);
        for (int i = 0; i < rows.Length; i++)
        {
            rows[i] = traffic.IsGathered ? random.Next(tableRows) : i;
        }

        return new(place, traffic.RowFloats, count, rows, traffic.IsGathered);
    }

    /// <summary>Rows of a table that are read.</summary>
    /// <param name="Place">Where the table begins, in floats.</param>
    /// <param name="RowFloats">The floats of a row.</param>
    /// <param name="Count">How many rows are read.</param>
    /// <param name="Rows">Which ones, again and again.</param>
    /// <param name="IsGathered">Whether they are in random order.</param>
    private readonly record struct Table(long Place, int RowFloats, long Count, int[] Rows, bool IsGathered);
}
