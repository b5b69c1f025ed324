using System.Text.Json;
using Xunit;

namespace Pigeon.Cli.Tests;

public sealed class BenchTests
{
    [Fact]
    public void Bench_measures_the_three_models()
    {
        JsonElement[] cells = [.. Tool.Json("bench", "--datasets", "gen:aifb@0.02", "--rounds", "1", "--heads", "2", "--threads", "2")
            .GetProperty("cells").EnumerateArray()];
        Assert.Equal(["rgcn", "rgat", "hgt"], cells.Select(cell => cell.GetProperty("model").GetString()));
        Assert.All(cells, cell =>
        {
            Assert.Equal("gen:aifb@0.02", cell.GetProperty("dataset").GetString());
            Assert.Equal("inference", cell.GetProperty("mode").GetString());
            Assert.Equal(2, cell.GetProperty("threads").GetInt32());
            Assert.InRange(cell.GetProperty("relativeError").GetDouble(), 0, 1e-5);
            Assert.All((string[])["compileMs", "medianMs", "peakBytes", "unfusedMs", "gflops", "bytesMoved", "ratio"],
                name => Assert.True(cell.GetProperty(name).GetDouble() > 0, name));
            Assert.True(cell.GetProperty("cpuMs").GetDouble() >= 0);
        });
    }

    [Fact]
    public void Bench_counts_the_work_of_a_plan_exactly()
    {
        // 64 → 32, one multiply-add for each weight: E rows by relation, N rows by the root weight.
        JsonElement info = Tool.Json("info", "gen:aifb@0.02");
        JsonElement cell = Tool.Json("bench", "--models", "rgcn", "--datasets", "gen:aifb@0.02", "--out", "32", "--rounds", "1", "--no-unfused")
            .GetProperty("cells")[0];
        double rows = info.GetProperty("nodes").GetInt32() + info.GetProperty("edges").GetInt32();
        double flops = cell.GetProperty("gflops").GetDouble() * cell.GetProperty("medianMs").GetDouble() * 1e6;
        Assert.Equal(rows * 2 * 64 * 32, flops, tolerance: 1);
        Assert.Equal(JsonValueKind.Null, cell.GetProperty("unfusedMs").ValueKind);
    }

    [Fact]
    public void Bench_prints_a_table_and_tells_what_it_does_on_standard_error()
    {
        using var folder = new TemporaryFolder();
        Assert.Equal(0, Tool.Run("export", "gen:aifb@0.01", "--format", "csv", "-o", folder["g.csv"]).Code);
        Outcome outcome = Tool.Run("bench", "--models", "rgcn", "--graph", folder["g.csv"], "--rounds", "1");
        Assert.Equal(0, outcome.Code);
        Assert.Contains("times faster", outcome.Results, StringComparison.Ordinal);
        Assert.Contains("rgcn on g.csv", outcome.Messages, StringComparison.Ordinal);
    }
}
