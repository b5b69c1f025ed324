using System.Text.Json;
using Pigeon.Datasets;
using Pigeon.Runtime;
using Xunit;

namespace Pigeon.Cli.Tests;

/// <summary>The option <c>--storage bf16</c> of every verb that compiles.</summary>
public sealed class StorageTests
{
    private const string Graph = "gen:aifb@0.02";

    [Theory]
    [InlineData("inference")]
    [InlineData("training")]
    public void Bench_keeps_rows_in_fewer_bytes_and_agrees_with_the_operators(string mode)
    {
        string[] line = ["bench", "--datasets", Graph, "--mode", mode, "--rounds", "1"];
        JsonElement wide = Tool.Json([.. line, "--no-unfused"]).GetProperty("cells");
        JsonElement narrow = Tool.Json([.. line, "--storage", "bf16"]).GetProperty("cells");
        Assert.Equal(3, narrow.GetArrayLength());
        for (int i = 0; i < narrow.GetArrayLength(); i++)
        {
            Assert.Equal(("f32", "bf16"), (wide[i].GetProperty("storage").GetString(), narrow[i].GetProperty("storage").GetString()));
            Assert.InRange(narrow[i].GetProperty("relativeError").GetDouble(), 1e-6, mode == "training" ? 3e-2 : 1e-2);

            // In training of so small a graph weights and the optimiser's state are most of the memory.
            Assert.All(mode == "training" ? (string[])["bytesMoved"] : ["peakBytes", "bytesMoved"], bytes =>
                Assert.True(narrow[i].GetProperty(bytes).GetInt64() < 0.99 * wide[i].GetProperty(bytes).GetInt64(), bytes));
        }
    }

    [Fact]
    public void Run_rounds_rows_and_not_more()
    {
        using TemporaryFolder folder = TemporaryFolder.OfFixture("rgat_concat_four_heads");
        string[] line = ["run", "rgat", "--graph", folder["graph.csv"], "--features", folder["x.npy"], "--weights", folder["weights.safetensors"]];
        foreach (string storage in (string[])["f32", "bf16"])
        {
            Assert.Equal(0, Tool.Run([.. line, "-o", folder[storage + ".npy"], "--storage", storage]).Code);
        }

        float[] expected = Numbers(folder["f32.npy"]);
        float[] actual = Numbers(folder["bf16.npy"]);
        double error = Math.Sqrt(expected.Zip(actual).Sum(pair => Math.Pow(pair.First - pair.Second, 2)) / expected.Sum(number => Math.Pow(number, 2)));
        Assert.InRange(error, 1e-5, 1e-2);
    }

    [Fact]
    public void Compile_shows_what_is_narrow()
    {
        using var folder = new TemporaryFolder();
        Assert.Equal(0, Tool.Run("compile", "rgcn", "--dataset", Graph, "--storage", "bf16", "--emit", "plan,host", "-o", folder["out"]).Code);
        Assert.Contains("  in bf16: %0", File.ReadAllText(folder["out/plan.txt"]), StringComparison.Ordinal);
        Assert.Contains("input x : Nodes[64] in bf16", File.ReadAllText(folder["out/host.txt"]), StringComparison.Ordinal);
    }

    [Fact]
    public void Training_learns_and_is_continued_only_with_the_same_storage()
    {
        using var folder = new TemporaryFolder();
        string[] line = ["train", "rgcn", "--dataset", folder["ring"], "--set", "hidden=32", "--epochs", "4", "-o", folder["run"]];
        const int nodes = 30;
        int[] all = [.. Enumerable.Range(0, nodes)];
        var graph = HeteroGraph.Create(nodes, ["r", "s"], all, [.. all.Select(v => (v + 2) % nodes)], [.. all.Select(v => v % 2)]);
        var split = LabelledNodes.Create([.. all], [.. all.Select(v => v % 2)]);
        GraphFolder.Write(folder["ring"], new("ring", graph, "generated") { Labels = new NodeLabels(["even", "odd"], split, LabelledNodes.None, split) });
        Outcome outcome = Tool.Run([.. line, "--storage", "bf16"]);
        Assert.True(outcome.Code == 0, outcome.Messages);
        Tool.Run([.. line, "--resume"]).AssertRefused("PG0254");
        Assert.Equal(0, Tool.Run([.. line, "--resume", "--storage", "bf16"]).Code);
    }

    [Theory]
    [InlineData("bench", "--datasets", Graph, "--device", "sim", "--storage", "bf16")]
    [InlineData("compile", "rgcn", "--target", "cuda:sm_90", "--storage", "bf16", "-o", "out")]
    [InlineData("train", "rgcn", "--dataset", Graph, "--device", "cuda", "--storage", "bf16")]
    public void Kernels_of_gpus_do_not_have_it(params string[] line) => Tool.Run(line).AssertRefused("PG0503");

    [Theory]
    [InlineData("bench", "--datasets", Graph, "--storage", "f16")]
    [InlineData("compile", "rgcn", "--storage", "int4", "-o", "out")]
    public void Other_element_types_are_refused(params string[] line) => Tool.Run(line).AssertRefused("PG0502");

    private static float[] Numbers(string path)
    {
        using Tensor tensor = NpyFile.Read(path);
        return tensor.Span.ToArray();
    }
}
