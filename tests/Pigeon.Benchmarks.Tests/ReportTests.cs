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
            Measured("g", "rgcn", 2, stock: [80, 40], hand: [8]) with { BoundMs = 0.5 },
            Measured("g", "rgat", 1, stock: [6], hand: []),
        ]);

        string text = ReportMarkdown.Of(report);

        Assert.Contains("| g | rgcn | 2.00 | – | – | 40.0 | stock 1 | 20.0× | 8.00 | hand 0 | 4.00× | 0.50 | 25.0 % | 16.0× |", text, StringComparison.Ordinal);
        Assert.Contains("| geometric mean | | | | – | | | 11.0× | | | 4.00× | | | 16.0× |", text, StringComparison.Ordinal);
    }

    [Fact]
    public void The_table_of_memory_says_what_fits()
    {
        MemoryCell cell = new("rgat", "g", 1_940_000, 21_100_000, 1, 3_620_000_000, 5_900_000_000, 1234.5, 20_000_000_000,
        [
            new(PeerKind.TorchStock, "RGATConv", 1_060_000_000_000),
            new(PeerKind.TorchByHand, "compact", 9_870_000_000),
        ]);

        string text = MemoryReport.Markdown(new([cell, cell with { EstimatedBytes = 21_000_000_000, PeakBytes = null, StepMs = null }]));

        Assert.Contains("| g | 1,940,000 | 21,100,000 | rgat | 3.6 | 5.9 | 1234.5 | RGATConv: out of memory, 1060 GB | compact: 9.9 GB |", text,
            StringComparison.Ordinal);
        Assert.Contains("| rgat | 21.0 | does not fit | – |", text, StringComparison.Ordinal);
    }

    [Fact]
    public void The_table_of_memory_grows_and_newer_cells_replace_older_ones()
    {
        string folder = Directory.CreateTempSubdirectory("pigeon-benchmarks").FullName;
        try
        {
            MemoryCell cell = new("rgat", "g", 2, 3, 1, 4, 5, 6, 7, [new(PeerKind.TorchStock, "RGATConv", long.MaxValue)]);
            MemoryReport.Add(folder, cell);
            MemoryReport.Add(folder, cell with { Model = "rgcn" });
            MemoryReport.Add(folder, cell with { StepMs = 60 });
            MemoryReport all = ReportJson.ReadMemory(Path.Combine(folder, "memory.json"));
            Assert.Equal([("rgcn", 6.0), ("rgat", 60.0)], all.Cells.Select(c => (c.Model, c.StepMs!.Value)));
            Assert.Contains("a value does not fit in an array", File.ReadAllText(Path.Combine(folder, "memory.md")), StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
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
