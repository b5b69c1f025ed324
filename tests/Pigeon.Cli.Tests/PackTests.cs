using System.Diagnostics;
using System.Text.Json;
using Pigeon.Datasets;
using Pigeon.Runtime;
using Pigeon.Tests;
using Xunit;

namespace Pigeon.Cli.Tests;

/// <summary>What is packed is served by the sample, a program of its own that has neither Roslyn nor NVRTC.</summary>
public sealed class PackTests : IDisposable
{
    private static readonly string Sample = Path.Combine(Repository.Root, "samples", "Serve");
    private readonly TemporaryFolder folder = TemporaryFolder.OfFixture("rgat_mean_two_heads");

    public PackTests() => GraphFolder.Write(folder["nodes"], new("fixture",
        CsvGraph.Read(folder["graph.csv"], new() { NodeCount = (int)NpyFile.Read(folder["x.npy"]).Shape[0] }).Graph, "generated"));

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Weights_of_PyG_are_packed_and_served_on_the_CPU()
    {
        Pack("--target", "cpu");
        Assert.Equal(0, Tool.Run("run", "rgat", "--graph", folder["nodes"], "--features", folder["x.npy"], "--weights", folder["weights.safetensors"],
            "--set", "heads=2", "concat=false", "-o", folder["run.npy"], "--threads", "1").Code);
        Assert.Equal(0, Serve("cpu", folder["y.npy"], folder["x.npy"]).Code);
        Assert.Equal(Numbers("run.npy"), Numbers("y.npy"));
        (int code, string messages) = Serve("sim", folder["y.npy"], folder["x.npy"]);
        Assert.Equal((1, true), (code, messages.Contains("PG0383", StringComparison.Ordinal)));
    }

    [CudaFact]
    public void Kernels_of_GPUs_are_served_from_their_PTX()
    {
        JsonElement report = Pack("--target", "cuda:sm_80");
        Assert.True(report.GetProperty("hasGpu").GetBoolean());
        (int code, string messages) = Serve("sim", folder["sim.npy"], folder["x.npy"]);
        Assert.True(code == 0, messages);
        Assert.Equal(0, Serve("cpu", folder["cpu.npy"], folder["x.npy"]).Code);
        Assert.All(Numbers("sim.npy").Zip(Numbers("cpu.npy")), pair => Assert.Equal(pair.Second, pair.First, 1e-5f));
    }

    [CudaTheory]
    [InlineData("tf32", 3e-3f)]
    [InlineData("bf16", 2e-2f)]
    public void Kernels_of_tensor_cores_are_packed_and_the_pack_says_so(string precision, float tolerance)
    {
        JsonElement report = Pack("--precision", precision);
        Assert.Equal(precision, report.GetProperty("gpuPrecision").GetString());
        using (ModelPack pack = ModelPack.Open(folder["model.pigeon"]))
        {
            Assert.Equal(precision, pack.GpuPrecision);
            Assert.Contains("mma.sync.aligned", pack.Gpu!.Image.Ptx, StringComparison.Ordinal);
        }

        (int code, string messages) = Serve("sim", folder["sim.npy"], folder["x.npy"]);
        Assert.True(code == 0, messages);
        Assert.Equal(0, Serve("cpu", folder["cpu.npy"], folder["x.npy"]).Code);
        float[] expected = Numbers("cpu.npy");
        Assert.All(Numbers("sim.npy").Zip(expected), pair => Assert.Equal(pair.Second, pair.First, tolerance * expected.Max(Math.Abs)));
    }

    [Fact]
    public void A_checkpoint_is_packed_and_gives_its_own_predictions()
    {
        string graph = folder["graph"];
        const int nodes = 30;
        int[] all = [.. Enumerable.Range(0, nodes)];
        var hetero = HeteroGraph.Create(nodes, ["r", "s"], all, [.. all.Select(v => (v + 2) % nodes)], [.. all.Select(v => v % 2)]);
        var split = LabelledNodes.Create([.. all], [.. all.Select(v => v % 2)]);
        GraphFolder.Write(graph, new("ring", hetero, "generated") { Labels = new NodeLabels(["even", "odd"], split, LabelledNodes.None, split) });
        Assert.Equal(0, Tool.Run("train", "rgcn", "--dataset", graph, "--epochs", "3", "-o", folder["run"]).Code);
        string checkpoint = Path.Combine(folder["run"], "last.safetensors");
        Assert.Equal(0, Tool.Run("predict", checkpoint, "--dataset", graph, "-o", folder["scores.npy"], "--threads", "1").Code);
        Outcome packed = Tool.Run("pack", "rgcn", "--dataset", graph, "--weights", checkpoint, "--target", "cpu", "-o", folder["model.pigeon"]);
        Assert.True(packed.Code == 0, packed.Messages);
        Assert.Equal(0, Serve("cpu", folder["y.npy"]).Code);
        Assert.Equal(Numbers("scores.npy"), Numbers("y.npy"));
        Tool.Run("pack", "rgat", "--dataset", graph, "--weights", checkpoint, "-o", folder["model.pigeon"]).AssertRefused("PG0503");
    }

    [Fact]
    public void Random_weights_do_to_measure()
    {
        JsonElement report = Tool.Json("pack", "rgcn", "--dataset", "gen:aifb@0.01", "--in", "8", "--out", "4", "--target", "cpu", "-o", folder["model.pigeon"]);
        Assert.False(report.GetProperty("hasGpu").GetBoolean());
        using ModelPack pack = ModelPack.Open(folder["model.pigeon"]);
        using IExecutable model = pack.Bind();
        using Tensor x = Tensor.Random([pack.Graph.NodeCount, 8], 1);
        model.Set("x", x);
        model.Run();
        Assert.Equal([pack.Graph.NodeCount, 4], model.Output("y").Shape.AsEnumerable());
    }

    [Fact]
    public void What_can_not_be_packed_or_served_is_refused()
    {
        string[] line = ["pack", "rgat", "--dataset", folder["nodes"], "--weights", folder["weights.safetensors"], "-o", folder["model.pigeon"]];
        Tool.Run([.. line, "--in", "3"]).AssertRefused("PG0503");
        Tool.Run([.. line, "--target", "cpu", "--precision", "tf32"]).AssertRefused("PG0503");
        Tool.Run([.. line, "--precision", "f16"]).AssertRefused("PG0502");
        Tool.Run([.. line, "--target", "tpu"]).AssertRefused("PG0502");
        Tool.Run([.. line[..^1], folder["none/model.pigeon"], "--set", "heads=2", "concat=false", "--target", "cpu"]).AssertRefused("PG0360");
        File.WriteAllText(folder["model.pigeon"], "something else");
        (int code, string messages) = Serve("cpu", folder["y.npy"]);
        Assert.Equal((1, true), (code, messages.StartsWith("PG0380", StringComparison.Ordinal)));
    }

    [Fact]
    public void The_sample_has_no_compiler_and_40_lines()
    {
        string bin = Path.GetDirectoryName(Binary())!;
        Assert.DoesNotContain(Directory.GetFiles(bin), file => Path.GetFileName(file).Contains("CodeAnalysis", StringComparison.Ordinal));
        Assert.True(File.Exists(Path.Combine(bin, "Pigeon.Runtime.dll")) && !File.Exists(Path.Combine(bin, "Pigeon.Compiler.dll")));
        Assert.True(File.ReadLines(Path.Combine(Sample, "Program.cs")).Count() <= 40);
    }

    private static string Binary()
    {
        string configuration = AppContext.BaseDirectory.Contains("Release", StringComparison.Ordinal) ? "Release" : "Debug";
        return Path.Combine(Sample, "bin", configuration, "net10.0", "Serve.dll");
    }

    private JsonElement Pack(params string[] more) => Tool.Json([.. (string[])["pack", "rgat", "--dataset", folder["nodes"], "--weights",
        folder["weights.safetensors"], "--set", "heads=2", "concat=false", "-o", folder["model.pigeon"]], .. more]);

    private float[] Numbers(string name)
    {
        using Tensor tensor = NpyFile.Read(folder[name]);
        return tensor.Span.ToArray();
    }

    private (int Code, string Messages) Serve(params string[] more)
    {
        var start = new ProcessStartInfo("dotnet", [Binary(), folder["model.pigeon"], .. more]) { RedirectStandardError = true, RedirectStandardOutput = true };

        // Where NVRTC would be found there is nothing.
        start.Environment["PIGEON_NVRTC_DIR"] = start.Environment["XDG_CACHE_HOME"] = start.Environment["CUDA_HOME"] = start.Environment["CUDA_PATH"] =
            folder["nothing"];
        using Process process = Process.Start(start)!;
        string messages = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, messages);
    }
}
