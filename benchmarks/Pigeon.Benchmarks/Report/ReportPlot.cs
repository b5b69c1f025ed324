using ScottPlot;

namespace Pigeon.Benchmarks;

/// <summary>How many times less CPU time Pigeon takes than its peers, as a picture.</summary>
internal static class ReportPlot
{
    private static readonly (PeerKind Kind, string Name, string Colour)[] Series =
    [
        (PeerKind.TorchStock, "torch, stock", "#c0504d"),
        (PeerKind.TorchByHand, "torch, by hand", "#4f81bd"),
        (PeerKind.Operators, "operator by operator", "#9bbb59"),
    ];

    /// <summary>Writes <c>MODE.png</c> and <c>MODE.svg</c> for every mode that has cells.</summary>
    public static void Write(string folder, BenchmarkReport report)
    {
        foreach (var group in report.Cells.Where(c => c.Threads == 1).GroupBy(c => c.Mode))
        {
            Cell[] cells = [.. group];
            using Plot plot = Draw(group.Key, cells);
            int height = 140 + (34 * cells.Length);
            plot.SavePng(Path.Combine(folder, group.Key + ".png"), 900, height);
            plot.SaveSvg(Path.Combine(folder, group.Key + ".svg"), 900, height);
        }
    }

    private static Plot Draw(string mode, Cell[] cells)
    {
        var plot = new Plot();
        foreach ((PeerKind kind, string name, string colour) in Series)
        {
            (double X, double Y)[] points = [.. cells.Select((c, i) => (Ratio: c.Ratio(kind), Row: cells.Length - 1 - i))
                .Where(p => p.Ratio is not null).Select(p => (Math.Log10(p.Ratio!.Value), (double)p.Row))];
            if (points.Length > 0)
            {
                var scatter = plot.Add.ScatterPoints(points.Select(p => p.X).ToArray(), points.Select(p => p.Y).ToArray());
                scatter.LegendText = name;
                scatter.Color = Color.FromHex(colour);
                scatter.MarkerSize = 11;
            }
        }

        plot.Add.VerticalLine(0, width: 1, color: Colors.Black);
        double[] rows = [.. cells.Select((_, i) => (double)(cells.Length - 1 - i))];
        plot.Axes.Left.SetTicks(rows, [.. cells.Select(c => $"{c.Graph}, {c.Model}")]);
        double[] decades = [0, 1, 2, 3];
        plot.Axes.Bottom.SetTicks(decades, ["1×", "10×", "100×", "1000×"]);
        plot.Axes.SetLimitsX(-0.5, 3.2);
        plot.Axes.SetLimitsY(-0.7, cells.Length - 0.3);
        plot.Title($"{mode}: CPU time over Pigeon's, one thread");
        plot.ShowLegend(Alignment.LowerRight);
        return plot;
    }
}
