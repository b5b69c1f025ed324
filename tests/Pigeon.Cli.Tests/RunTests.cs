using System.Text.Json;
using Pigeon.Runtime;
using Xunit;

namespace Pigeon.Cli.Tests;

public sealed class RunTests
{
    public static TheoryData<string> Cases => [.. Directory.EnumerateDirectories(Repository.Fixtures).Select(folder => Path.GetFileName(folder)!)];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Kernels_agree_with_the_oracle(string fixture) => AssertAgrees(fixture);

    [Theory]
    [MemberData(nameof(Cases))]
    public void The_reference_agrees_with_the_oracle(string fixture) => AssertAgrees(fixture, "--reference");

    [Fact]
    public void Run_reads_a_graph_folder_as_it_reads_csv()
    {
        using TemporaryFolder folder = TemporaryFolder.OfFixture("hgt_heterogeneous");
        Assert.Equal(0, Tool.Run("import", "--format", "csv", folder["graph.csv"], "--node-types", folder["node_types.csv"], "-o", folder["g"]).Code);
        Assert.Equal(0, Tool.Run("run", "hgt", "--graph", folder["g"], "--features", folder["x.npy"], "--weights", folder["weights.safetensors"],
            "-o", folder["y2.npy"]).Code);
        AssertClose(folder["y.npy"], folder["y2.npy"]);
    }

    [Fact]
    public void The_number_of_threads_changes_no_bit()
    {
        using TemporaryFolder folder = TemporaryFolder.OfFixture("rgat_concat_four_heads");
        foreach (string threads in (string[])["1", "2"])
        {
            Assert.Equal(0, Tool.Run("run", "rgat", "--graph", folder["graph.csv"], "--features", folder["x.npy"], "--weights",
                folder["weights.safetensors"], "--threads", threads, "-o", folder[$"y{threads}.npy"]).Code);
        }

        Assert.Equal(File.ReadAllBytes(folder["y1.npy"]), File.ReadAllBytes(folder["y2.npy"]));
    }

    [Fact]
    public void Run_says_what_it_did()
    {
        using TemporaryFolder folder = TemporaryFolder.OfFixture("rgcn_mean");
        Outcome outcome = Tool.Run("run", "rgcn", "--graph", folder["graph.csv"], "--features", folder["x.npy"], "--weights",
            folder["weights.safetensors"], "-o", folder["out.npy"], "--json");
        JsonElement report = JsonDocument.Parse(outcome.Results).RootElement;
        Assert.Equal(15, report.GetProperty("nodes").GetInt32());
        Assert.Equal([15, 8], report.GetProperty("shape").EnumerateArray().Select(extent => extent.GetInt32()));
        string[] lines = outcome.Messages.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(2, lines.Length);
        Assert.EndsWith("MiB for values, inputs and weights", lines[0], StringComparison.Ordinal);
        Assert.StartsWith("rgcn: 15 nodes, ", lines[1], StringComparison.Ordinal);
    }

    private static void AssertAgrees(string fixture, params string[] more)
    {
        using TemporaryFolder folder = TemporaryFolder.OfFixture(fixture);
        JsonElement options = JsonDocument.Parse(File.ReadAllText(folder["options.json"])).RootElement;
        string[] set = [.. options.GetProperty("set").EnumerateObject().SelectMany(option => (string[])["--set", $"{option.Name}={option.Value}"])];
        string[] types = File.Exists(folder["node_types.csv"]) ? ["--node-types", folder["node_types.csv"]] : [];
        Outcome outcome = Tool.Run(["run", options.GetProperty("model").GetString()!, "--graph", folder["graph.csv"], "--features", folder["x.npy"],
            "--weights", folder["weights.safetensors"], "-o", folder["actual.npy"], .. set, .. types, .. more]);
        Assert.True(outcome.Code == 0, outcome.Messages);
        AssertClose(folder["y.npy"], folder["actual.npy"]);
    }

    private static void AssertClose(string expectedPath, string actualPath)
    {
        using Tensor expected = NpyFile.Read(expectedPath);
        using Tensor actual = NpyFile.Read(actualPath);
        Assert.Equal<long>(expected.Shape, actual.Shape);
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.Equal(expected.Span[i], actual.Span[i], tolerance: 1e-4f);
        }
    }
}
