using System.Globalization;
using System.Text;

namespace Pigeon.Benchmarks;

/// <summary>All cells as Markdown tables.</summary>
internal static class ReportMarkdown
{
    /// <summary>The report's text.</summary>
    public static string Of(BenchmarkReport report)
    {
        var text = new StringBuilder();
        Machine machine = report.Machine;
        string torch = machine.Torch is { } version ? $"libtorch {version}" : "no libtorch";
        Line(text, $"{machine.Processor}, {machine.Cores} cores, {machine.VectorBits}-bit vectors, {machine.Runtime}, {torch}.");
        foreach (var group in report.Cells.GroupBy(c => (c.Mode, c.Threads)))
        {
            Table(text, group.Key.Mode, group.Key.Threads, [.. group]);
        }

        Absent(text, report);
        return text.ToString();
    }

    /// <summary>The geometric mean of a ratio over cells that have it; null where none has.</summary>
    public static double? GeometricMean(IEnumerable<Cell> cells, PeerKind kind) => GeometricMean(cells.Select(c => c.Ratio(kind)));

    private static double? GeometricMean(IEnumerable<double?> ratios)
    {
        double[] logs = [.. ratios.OfType<double>().Select(r => Math.Log(r))];
        return logs.Length == 0 ? null : Math.Exp(logs.Average());
    }

    private static void Table(StringBuilder text, string mode, int threads, IReadOnlyList<Cell> cells)
    {
        string unit = threads == 1 ? "CPU ms" : "wall ms";
        Line(text, "");
        Line(text, $"## {char.ToUpperInvariant(mode[0])}{mode[1..]}, {threads} thread{(threads == 1 ? "" : "s")}, {unit}");
        Line(text, "");
        Line(text, "| Graph | Model | Pigeon | Operators | over | Torch, stock | | over | Torch, by hand | | over | Bound | reached | by hand over bound |");
        Line(text, "|---|---|--:|--:|--:|--:|---|--:|--:|---|--:|--:|--:|--:|");
        foreach (Cell cell in cells)
        {
            string own = $"{Number(cell.Pigeon?.CpuMs)} | {Number(cell.Best(PeerKind.Operators)?.CpuMs)}";
            Line(text, $"| {cell.Graph} | {cell.Model} | {own} | {Ratio(cell, PeerKind.Operators)} | " +
                $"{Fastest(cell, PeerKind.TorchStock)} | {Fastest(cell, PeerKind.TorchByHand)} | " +
                $"{Number(cell.BoundMs)} | {Percent(cell.OfBound)} | {Times(cell.Reach(PeerKind.TorchByHand))} |");
        }

        Line(text, $"| geometric mean | | | | {Mean(cells, PeerKind.Operators)} | | | {Mean(cells, PeerKind.TorchStock)} | | | " +
            $"{Mean(cells, PeerKind.TorchByHand)} | | | {Times(GeometricMean(cells.Select(cell => cell.Reach(PeerKind.TorchByHand))))} |");
    }

    private static void Absent(StringBuilder text, BenchmarkReport report)
    {
        (Cell Cell, CellPeer Peer)[] absent =
            [.. report.Cells.SelectMany(c => c.Peers.Where(p => p.Absent is not null).Select(p => (c, p)))];
        if (absent.Length == 0)
        {
            return;
        }

        Line(text, "");
        Line(text, "## Did not run");
        Line(text, "");
        Line(text, "| Graph | Model | Mode | Peer | Why |");
        Line(text, "|---|---|---|---|---|");
        foreach ((Cell cell, CellPeer peer) in absent)
        {
            Line(text, $"| {cell.Graph} | {cell.Model} | {cell.Mode} | {peer.Variant} | {peer.Absent} |");
        }
    }

    private static string Fastest(Cell cell, PeerKind kind) => cell.Best(kind) is { } best
        ? $"{Number(best.CpuMs)} | {best.Variant} | {Ratio(cell, kind)}"
        : "– | | –";

    private static string Mean(IEnumerable<Cell> cells, PeerKind kind) => Times(GeometricMean(cells, kind));

    private static string Ratio(Cell cell, PeerKind kind) => Times(cell.Ratio(kind));

    private static string Times(double? ratio) => ratio is null ? "–" : Number(ratio) + "×";

    private static string Percent(double? share) => share is null ? "–" : Number(100 * share) + " %";

    private static string Number(double? value) => value is not { } there ? "–"
        : there.ToString(there >= 100 ? "F0" : there >= 10 ? "F1" : "F2", CultureInfo.InvariantCulture);

    private static void Line(StringBuilder text, string line) => text.Append(line).Append('\n');
}
