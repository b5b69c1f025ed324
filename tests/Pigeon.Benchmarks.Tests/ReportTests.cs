using Xunit;

namespace Pigeon.Benchmarks.Tests;

public class ReportTests
{
    private static readonly Machine Machine = new("a processor", 2, 256, ".NET", "2.10");

    [Fact]
    public void The_table_takes_the_fastest_of_a_kind_and_the_geometric_mean()
    {
        BenchmarkReport report = new(Machine,
        [
            Measured("g", "rgcn", 2, stock: [80, 40], hand: [8]),
            Measured("g", "rgat", 1, stock: [6], hand: []),
        ]);

        string text = ReportMarkdown.Of(report);

        Assert.Contains("| g | rgcn | 2.00 | – | – | 40.0 | stock 1 | 20.0× | 8.00 | hand 0 | 4.00× |", text, StringComparison.Ordinal);
        Assert.Contains("| geometric mean | | | | – | | | 11.0× | | | 4.00× |", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_peer_that_did_not_run_is_listed_with_the_reason()
    {
        Cell cell = Measured("g", "rgcn", 2, [], []);
        CellPeer absent = new(PeerKind.TorchStock, "FastRGCNConv", null, null, null, 0, null, 1, "out of memory: 44.0 GB");
        cell = cell with { Peers = [.. cell.Peers, absent] };

        Assert.Contains("| g | rgcn | inference | FastRGCNConv | out of memory: 44.0 GB |", ReportMarkdown.Of(new(Machine, [cell])),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Reports_of_a_folder_grow_and_newer_cells_replace_older_ones()
    {
        string folder = Directory.CreateTempSubdirectory("pigeon-benchmarks").FullName;
        try
        {
            Reports.Add(folder, new(Machine, [Measured("g", "rgcn", 2, [4], []), Measured("g", "rgat", 2, [4], [])]));
            Reports.Add(folder, new(Machine, [Measured("g", "rgcn", 1, [4], [])]));

            BenchmarkReport all = ReportJson.Read(Path.Combine(folder, "report.json"));
            Assert.Equal(["rgat", "rgcn"], all.Cells.Select(c => c.Model));
            Assert.Equal(1, all.Cells[1].Pigeon!.CpuMs);
            Assert.True(new FileInfo(Path.Combine(folder, "inference.png")).Length > 0);
            Assert.True(new FileInfo(Path.Combine(folder, "inference.svg")).Length > 0);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static Cell Measured(string graph, string model, double pigeon, double[] stock, double[] hand) => new(model, graph, "inference",
        3, 4, 1, 1, 10,
        [
            Peer(PeerKind.Pigeon, "kernels", pigeon),
            .. stock.Select((ms, i) => Peer(PeerKind.TorchStock, $"stock {i}", ms)),
            .. hand.Select((ms, i) => Peer(PeerKind.TorchByHand, $"hand {i}", ms)),
        ]);

    private static CellPeer Peer(PeerKind kind, string variant, double ms) => new(kind, variant, ms, ms, ms, 5, 1e-7, 100, null);
}
