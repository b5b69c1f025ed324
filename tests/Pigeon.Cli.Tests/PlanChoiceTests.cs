using System.Text.Json;
using Pigeon.Compiler;
using Xunit;

namespace Pigeon.Cli.Tests;

public sealed class PlanChoiceTests
{
    [Theory]
    [InlineData("1KiB", 1)]
    [InlineData("8GB", 0)]
    [InlineData("100000000", 0)]
    public void Bench_runs_within_the_limit_or_not_at_all(string limit, int code)
    {
        Outcome outcome = Tool.Run("bench", "--models", "rgcn", "--datasets", "gen:aifb@0.02", "--rounds", "1", "--no-unfused", "--memory-limit", limit);
        Assert.Equal(code, outcome.Code);
        Assert.Equal(code == 0, outcome.Messages.Contains("MiB for values", StringComparison.Ordinal));
        Assert.Equal(code == 1, outcome.Messages.Contains("PG0510", StringComparison.Ordinal));
        Assert.Equal(code == 1, outcome.Messages.Contains("the limit is 1,024", StringComparison.Ordinal));
    }

    [Fact]
    public void Run_is_refused_above_the_limit_and_writes_nothing()
    {
        using TemporaryFolder folder = TemporaryFolder.OfFixture("rgcn_mean");
        Outcome outcome = Tool.Run("run", "rgcn", "--graph", folder["graph.csv"], "--features", folder["x.npy"], "--weights",
            folder["weights.safetensors"], "-o", folder["out.npy"], "--memory-limit", "10B");
        Assert.Equal(1, outcome.Code);
        Assert.Contains("PG0510", outcome.Messages, StringComparison.Ordinal);
        Assert.False(File.Exists(folder["out.npy"]));
    }

    [Theory]
    [InlineData("")]
    [InlineData("much")]
    [InlineData("-1GB")]
    [InlineData("1e30")]
    [InlineData("99999999999999999999GB")]
    public void A_limit_that_is_no_size_is_refused(string limit)
    {
        Outcome outcome = Tool.Run("bench", "--models", "rgcn", "--datasets", "gen:aifb@0.02", "--rounds", "1", "--no-unfused", "--memory-limit", limit);
        Assert.Equal(1, outcome.Code);
        Assert.Contains("PG050", outcome.Messages, StringComparison.Ordinal);
    }

    [Fact]
    public void Autotune_measures_keeps_its_answer_and_computes_the_same()
    {
        string[] command = ["bench", "--models", "rgcn", "--datasets", "gen:aifb@0.03", "--rounds", "1", "--in", "24", "--out", "24", "--autotune"];
        for (int i = 0; i < 2; i++)
        {
            JsonElement cell = Tool.Json(command).GetProperty("cells")[0];
            Assert.InRange(cell.GetProperty("relativeError").GetDouble(), 0, 1e-5);
        }

        Assert.NotEmpty(ImageCache.Default()!.GetFiles("tuned-*.plan"));
    }

    [Fact]
    public void Grid_measures_every_cell()
    {
        JsonElement report = Tool.Json("grid", "--models", "rgcn,hgt", "--datasets", "gen:aifb@0.02", "--widths", "8", "--modes", "inference", "--rounds", "1");
        JsonElement[] cells = [.. report.GetProperty("cells").EnumerateArray()];
        Assert.Equal(["rgcn", "hgt"], cells.Select(cell => cell.GetProperty("model").GetString()));
        Assert.All(cells, cell =>
        {
            Assert.True(cell.GetProperty("overBest").GetDouble() >= 1);
            Assert.Equal(report.GetProperty("costs").GetArrayLength(), cell.GetProperty("plans")[0].GetProperty("counts").GetArrayLength());
        });
        Assert.InRange(report.GetProperty("cellsNearBest").GetInt32(), 0, cells.Length);
    }

    [Fact]
    public void Grid_that_was_interrupted_goes_on()
    {
        using var folder = new TemporaryFolder();
        string file = folder["cells.jsonl"];
        string[] grid = ["grid", "--datasets", "gen:aifb@0.02", "--widths", "8", "--modes", "inference", "--rounds", "1", "--keep", file, "--models"];
        JsonElement first = Tool.Json([.. grid, "rgcn"]).GetProperty("cells")[0];
        File.AppendAllText(file, "\n{\"build\": \"cut o");
        string before = File.ReadAllText(file);
        Assert.Equal(first.ToString(), Tool.Json([.. grid, "rgcn"]).GetProperty("cells")[0].ToString());
        Assert.Equal(before, File.ReadAllText(file));

        // Another build's cells are as good as none.
        File.WriteAllText(file, before.Replace("\"build\":\"", "\"build\":\"0", StringComparison.Ordinal));
        Assert.Equal(1, Tool.Json([.. grid, "rgcn"]).GetProperty("cells").GetArrayLength());
        Assert.Equal(File.ReadAllLines(file).Length, before.Split('\n').Length + 1);
        Assert.True(first.GetProperty("overPlain").GetDouble() > 0);
    }

    [Fact]
    public void Costs_are_found_back_from_exact_times()
    {
        double[] known = [2, 0.5, 30];
        double[][] counts = [[1, 0, 0], [0, 10, 1], [5, 5, 5], [0, 1, 0], [3, 0, 2], [100, 1, 0], [0, 200, 3]];
        double[][] often = [.. Enumerable.Repeat(counts, 50).SelectMany(rows => rows)];
        double[] times = [.. often.Select(row => row.Zip(known, (n, c) => n * c).Sum())];
        double[] fitted = CostFit.Solve(often, times, [1, 1, 10]);
        Assert.All(fitted.Zip(known), pair => Assert.InRange(pair.First / pair.Second, 0.97, 1.03));

        // A cost that nothing says anything about is as much dearer as the others are; two that always come together keep their proportion.
        double[] odd = CostFit.Solve([[1, 0, 0, 1], [2, 0, 0, 2], [3, 0, 0, 3], [0, 0, 1, 0]], [10, 20, 30, 5], [1, 7, 1, 4]);
        Assert.Equal(2 * 7, odd[1], 1e-9);
        Assert.Equal(4, odd[3] / odd[0], 0.01);
        Assert.All(odd, cost => Assert.True(cost >= 0));
    }
}
