using System.Text.Json;
using Pigeon.Compiler;
using Pigeon.Kernels;
using Pigeon.Runtime;
using Xunit;

namespace Pigeon.Cli.Tests;

public sealed class BenchTests
{
    [Theory]
    [InlineData("rgcn")]
    [InlineData("rgat")]
    [InlineData("hgt")]
    public void Bench_measures_whole_training_steps(string model)
    {
        JsonElement cell = Tool.Json("bench", "--models", model, "--datasets", "gen:aifb@0.02", "--rounds", "1", "--mode", "training", "--heads", "2")
            .GetProperty("cells")[0];
        Assert.Equal("training", cell.GetProperty("mode").GetString());
        Assert.InRange(cell.GetProperty("relativeError").GetDouble(), 0, 1e-4);
        Assert.True(cell.GetProperty("medianMs").GetDouble() > 0 && cell.GetProperty("unfusedMs").GetDouble() > 0);
    }

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
    public void The_work_of_a_plan_is_counted_exactly()
    {
        const int types = 3;
        var p = new ProgramBuilder("p");
        Value x = p.Input("x", HeteroSchema.Nodes, 8);
        p.Return("y", x.At(HeteroSchema.Src).Linear(p.Weight("w", HeteroSchema.EdgeTypes, 8, 4), HeteroSchema.EType));
        var graph = HeteroGraph.Create(5, ["a", "b", "c"], [0, 1, 2, 3], [1, 2, 3, 4], [0, 1, 2, 2]);
        PlanCost cost = PlanCost.Of(ProgramCompiler.Plan(p.Build()), graph.Binding);
        Assert.Equal(4 * 2 * 8 * 4, cost.Flops);
        Assert.Equal(sizeof(float) * ((5 * 8) + (types * 8 * 4) + (4 * 4)), cost.BytesMoved);
    }

    [Fact]
    public void Bench_measures_kernels_by_themselves()
    {
        JsonElement report = Tool.Json("bench", "--models", "rgat", "--datasets", "gen:aifb@0.02", "--rounds", "2", "--no-unfused", "--kernels");
        Assert.All((string[])["gflops", "streamGbs", "gatherGbs"], name => Assert.True(report.GetProperty("roofline").GetProperty(name).GetDouble() > 0));
        JsonElement cell = report.GetProperty("cells")[0];
        JsonElement[] kernels = [.. cell.GetProperty("perKernel").EnumerateArray()];
        Assert.Equal(cell.GetProperty("kernels").GetInt32(), kernels.Length);
        Assert.All(kernels, kernel => Assert.True(kernel.GetProperty("cpuMs").GetDouble() > 0));
        Assert.Contains(kernels, kernel => kernel.GetProperty("does").GetString()!.Contains("along dst", StringComparison.Ordinal));
        Assert.Contains(kernels, kernel => kernel.GetProperty("gflops").ValueKind == JsonValueKind.Number);
        Assert.All(kernels, kernel =>
        {
            string? kind = kernel.GetProperty("kind").GetString();
            Assert.Equal(kind == nameof(BenchKernelKind.Traversal), kernel.GetProperty("fmaShare").ValueKind == JsonValueKind.Null);
            Assert.Equal(kind is nameof(BenchKernelKind.Traversal) or nameof(BenchKernelKind.FusedGemm),
                kernel.GetProperty("gatherShare").ValueKind == JsonValueKind.Number);
        });
        Assert.Contains(kernels, kernel => kernel.GetProperty("gatherShare") is { ValueKind: JsonValueKind.Number } share && share.GetDouble() > 0);
        Assert.Contains(kernels, kernel => kernel.GetProperty("fmaShare") is { ValueKind: JsonValueKind.Number } share && share.GetDouble() > 0);
    }

    [Fact]
    public void The_bytes_that_a_kernel_touches_count_rows_as_often_as_they_are_read()
    {
        var p = new ProgramBuilder("p");
        Value x = p.Input("x", HeteroSchema.Nodes, 8);
        p.Return("y", x.At(HeteroSchema.Src).Sum(HeteroSchema.Dst));
        Plan plan = ProgramCompiler.Plan(p.Build());
        var graph = HeteroGraph.Create(5, ["a"], [0, 1, 2, 3], [1, 2, 3, 4], [0, 0, 0, 0]);
        Assert.Equal(sizeof(float) * ((4 * 8) + (5 * 8)), PlanCost.BytesTouched(plan, Assert.Single(plan.Kernels), graph.Binding));
    }

    [Fact]
    public void Operator_by_operator_can_be_left_out()
    {
        JsonElement cell = Tool.Json("bench", "--models", "rgcn", "--datasets", "gen:aifb@0.02", "--rounds", "1", "--no-unfused")
            .GetProperty("cells")[0];
        Assert.All((string[])["unfusedMs", "ratio", "relativeError"], name => Assert.Equal(JsonValueKind.Null, cell.GetProperty(name).ValueKind));
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
