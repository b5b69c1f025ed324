using System.Text.Json;
using Pigeon.Datasets;
using Pigeon.Runtime;
using Xunit;

namespace Pigeon.Cli.Tests;

public sealed class TrainTests : IDisposable
{
    private const int Nodes = 40;
    private readonly TemporaryFolder folder = new();
    private readonly string graph;

    public TrainTests()
    {
        graph = folder["graph"];
        int[] members = [.. Enumerable.Range(2, Nodes - 2)];
        var hetero = HeteroGraph.Create(Nodes, ["member"], [.. members.Select(v => v % 2)], members, new int[members.Length]).WithReverse();
        var labels = new NodeLabels(["even", "odd, mostly"], Split(members, 0), LabelledNodes.None, Split(members, 1));
        GraphFolder.Write(graph, new("two groups", hetero, "generated") { Labels = labels });
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Training_reports_a_figure_for_each_run()
    {
        JsonElement report = Tool.Json("train", "rgcn", "--dataset", graph, "--runs", "2", "--epochs", "20", "--seed", "5");
        Assert.Equal("accuracy", report.GetProperty("metric").GetString());
        Assert.Equal([5, 6], report.GetProperty("seeds").EnumerateArray().Select(seed => seed.GetInt32()));
        double[] runs = [.. report.GetProperty("runs").EnumerateArray().Select(run => run.GetDouble())];
        Assert.Equal(2, runs.Length);
        Assert.Equal(runs.Average(), report.GetProperty("mean").GetDouble(), 12);
        Assert.True(report.GetProperty("std").GetDouble() >= 0);
        Assert.True(report.GetProperty("epochMs").GetDouble() > 0);
    }

    [Fact]
    public void Training_above_the_memory_limit_is_refused_before_it_begins()
    {
        Outcome outcome = Tool.Run("train", "rgcn", "--dataset", graph, "--epochs", "5", "--memory-limit", "100B", "-o", folder["limited"]);
        Assert.Equal(1, outcome.Code);
        Assert.Contains("PG0510", outcome.Messages, StringComparison.Ordinal);
        Assert.DoesNotContain("epoch", outcome.Messages, StringComparison.Ordinal);
        Assert.Equal(0, Tool.Run("train", "rgcn", "--dataset", graph, "--epochs", "1", "--memory-limit", "1GiB", "--autotune").Code);
    }

    [Fact]
    public void What_is_trained_can_be_evaluated_and_predicts()
    {
        Outcome trained = Tool.Run("train", "rgcn", "--dataset", graph, "--epochs", "30", "-o", folder["run"]);
        Assert.True(trained.Code == 0, trained.Messages);
        Assert.Contains("rgcn on", trained.Results, StringComparison.Ordinal);
        Assert.Contains("epoch 30 of 30", trained.Messages, StringComparison.Ordinal);

        string checkpoint = Path.Combine(folder["run"], "last.safetensors");
        JsonElement judged = Tool.Json("eval", checkpoint, "--dataset", graph);
        Assert.Equal(1, judged.GetProperty("mean").GetDouble());
        var splits = judged.GetProperty("splits").EnumerateArray();
        Assert.Equal(["train", "test"], splits.Select(split => split.GetProperty("name").GetString()));

        Assert.Equal(0, Tool.Run("predict", checkpoint, "--dataset", graph, "-o", folder["scores.npy"]).Code);
        using Tensor scores = NpyFile.Read(folder["scores.npy"]);
        Assert.Equal([Nodes, 2], scores.Shape.AsEnumerable());

        Assert.Equal(0, Tool.Run("predict", checkpoint, "--dataset", graph, "-o", folder["classes.csv"]).Code);
        string[] lines = File.ReadAllLines(folder["classes.csv"]);
        Assert.Equal(Nodes + 1, lines.Length);
        Assert.Equal("10,,even", lines[11]);
        Assert.Equal("11,,\"odd, mostly\"", lines[12]);
        Tool.Run("predict", checkpoint, "--dataset", graph, "-o", folder["y.txt"]).AssertRefused("PG0456");
    }

    [Fact]
    public void A_run_is_resumed_and_never_overwritten()
    {
        string[] command = ["train", "rgcn", "--dataset", graph, "--epochs", "3", "-o", folder["run"]];
        Assert.Equal(0, Tool.Run(command).Code);
        Tool.Run(command).AssertRefused("PG0257");
        Tool.Run([.. command, "--resume", "--seed", "9"]).AssertRefused("PG0254");
        Outcome resumed = Tool.Run("train", "rgcn", "--dataset", graph, "--epochs", "6", "-o", folder["run"], "--resume");
        Assert.Equal(0, resumed.Code);
        Assert.DoesNotContain("epoch 3 of", resumed.Messages, StringComparison.Ordinal);
        Assert.Contains("epoch 6 of 6", resumed.Messages, StringComparison.Ordinal);
    }

    [Fact]
    public void Another_number_of_threads_does_not_continue_a_run()
    {
        string[] command = ["train", "rgcn", "--dataset", graph, "-o", folder["run"]];
        Assert.Equal(0, Tool.Run([.. command, "--epochs", "3"]).Code);
        Outcome refused = Tool.Run([.. command, "--epochs", "6", "--resume", "--threads", "2"]);
        refused.AssertRefused("PG0254");
        Assert.Contains("--threads 1", refused.Messages, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("png", new byte[] { 0x89, (byte)'P', (byte)'N', (byte)'G' })]
    [InlineData("svg", new byte[] { (byte)'<', (byte)'?', (byte)'x', (byte)'m', (byte)'l' })]
    public void Training_curves_are_drawn(string kind, byte[] start)
    {
        File.WriteAllText(folder["r.json"], """{ "model": "rgcn", "dataset": "any", "set": { "featureless": "true" }, "epochs": 8, "validation": 0.3 }""");
        string picture = folder["curves." + kind];
        Outcome outcome = Tool.Run("train", "rgcn", "--dataset", graph, "--recipe", folder["r.json"], "--runs", "2", "--plot", picture);
        Assert.True(outcome.Code == 0, outcome.Messages);
        byte[] bytes = File.ReadAllBytes(picture);
        Assert.Equal(start, bytes[..start.Length]);
        if (kind == "svg")
        {
            string text = System.Text.Encoding.UTF8.GetString(bytes);
            Assert.All(["rgcn on", "training loss", "validation accuracy", "mean of 2 runs"], words => Assert.Contains(words, text, StringComparison.Ordinal));
        }
    }

    [Fact]
    public void A_recipe_may_be_a_file()
    {
        File.WriteAllText(folder["r.json"], """{ "model": "rgat", "dataset": "any", "epochs": 2, "task": { "kind": "node-classification", "embedding": 4, "head": 6 } }""");
        Assert.Equal("rgat", Tool.Json("train", "rgat", "--dataset", graph, "--recipe", folder["r.json"]).GetProperty("model").GetString());
        Tool.Run("train", "hgt", "--dataset", graph, "--recipe", folder["r.json"]).AssertRefused("rgat");
    }

    [Fact]
    public void What_can_not_be_is_refused()
    {
        Tool.Run("train", "rgcn", "--dataset", "gen:aifb@0.01").AssertRefused("labels");
        Tool.Run("train", "rgcn", "--dataset", graph, "--resume").AssertRefused("--resume");
        Tool.Run("train", "rgcn", "--dataset", graph, "--recipe", folder["none.json"]).AssertRefused("none.json");
        Tool.Run("train", "rgcn", "--dataset", graph, "--plot", "curves.pdf").AssertRefused("curves.pdf");
        Tool.Run("eval", folder["none.safetensors"]).AssertRefused("none.safetensors");
        Tool.Run("predict", folder["none.safetensors"], "-o", "y.csv").AssertRefused("none.safetensors");
    }

    private static LabelledNodes Split(int[] members, int parity)
    {
        int[] nodes = [.. members.Where(v => v / 2 % 2 == parity)];
        return LabelledNodes.Create(nodes, [.. nodes.Select(v => v % 2)]);
    }

    [Fact]
    public void Recipe_serves_the_same_data_by_either_rules()
    {
        Assert.Equal("30", TrainVerb.Known("rgcn", "mutag", horizon: null)!.Set["num_bases"]);
        Assert.Equal("aifb-pyg", TrainVerb.Known("rgat", "aifb", horizon: null)!.Dataset);
        Assert.Equal("aifb", TrainVerb.Known("hgt", "aifb", horizon: null)!.Dataset);
        Assert.Null(TrainVerb.Known("rgcn", "codex-s", horizon: null));
    }
}
