using System.Globalization;
using System.Text;

namespace Pigeon.Benchmarks;

/// <summary>The table of memory: <c>memory.json</c> and <c>memory.md</c> in the folder of the reports.</summary>
/// <param name="Cells">The cells, in the order they were measured.</param>
internal sealed record MemoryReport(IReadOnlyList<MemoryCell> Cells)
{
    private const double Gigabyte = 1e9;

    /// <summary>Adds a cell to the reports of a folder, in place of an earlier one.</summary>
    public static void Add(string folder, MemoryCell cell)
    {
        string json = Path.Combine(folder, "memory.json");
        IReadOnlyList<MemoryCell> before = File.Exists(json) ? ReportJson.ReadMemory(json).Cells : [];
        var all = new MemoryReport([.. before.Where(old => (old.Model, old.Graph, old.Threads) != (cell.Model, cell.Graph, cell.Threads)), cell]);
        ReportJson.Write(json, all);
        File.WriteAllText(Path.Combine(folder, "memory.md"), Markdown(all));
    }

    /// <summary>The cell in a line.</summary>
    public static string Text(MemoryCell cell) => string.Join(", ",
        [$"estimate {Size(cell.EstimatedBytes)} GB", $"peak {Size(cell.PeakBytes)} GB", .. cell.Peers.Select(peer => $"{peer.Variant} {Need(peer, cell)}")]);

    /// <summary>All cells as a table.</summary>
    public static string Markdown(MemoryReport report)
    {
        var text = new StringBuilder();
        text.Append("| Graph | Nodes | Edges | Model | Pigeon, estimate GB | Pigeon, peak GB | Step, CPU ms | Torch, stock | Torch, by hand |\n");
        text.Append("|---|--:|--:|---|--:|--:|--:|---|---|\n");
        foreach (MemoryCell cell in report.Cells)
        {
            string own = $"{Size(cell.EstimatedBytes)} | {(cell.StepMs is null ? "does not fit" : Size(cell.PeakBytes))} | {Number(cell.StepMs)}";
            text.Append(CultureInfo.InvariantCulture, $"| {cell.Graph} | {cell.Nodes:N0} | {cell.Edges:N0} | {cell.Model} | {own} | ");
            text.Append(CultureInfo.InvariantCulture, $"{Least(cell, PeerKind.TorchStock)} | {Least(cell, PeerKind.TorchByHand)} |\n");
        }

        return text.ToString();
    }

    /// <summary>The formulation of a kind that takes the least.</summary>
    private static string Least(MemoryCell cell, PeerKind kind) =>
        cell.Peers.Where(peer => peer.Kind == kind).MinBy(peer => peer.EstimatedBytes) is { } least ? $"{least.Variant}: {Need(least, cell)}" : "–";

    private static string Need(MemoryPeer peer, MemoryCell cell) => peer.EstimatedBytes == long.MaxValue
        ? "a value does not fit in an array"
        : peer.EstimatedBytes <= cell.Limit ? $"{Size(peer.EstimatedBytes)} GB" : $"out of memory, {Size(peer.EstimatedBytes)} GB";

    private static string Size(long? bytes) => bytes is { } there
        ? (there / Gigabyte).ToString(there >= 100 * Gigabyte ? "F0" : there >= Gigabyte ? "F1" : "F2", CultureInfo.InvariantCulture)
        : "–";

    private static string Number(double? value) => value is { } there ? there.ToString("F1", CultureInfo.InvariantCulture) : "–";
}
