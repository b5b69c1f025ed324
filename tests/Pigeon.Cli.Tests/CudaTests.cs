using System.Text.Json;
using Pigeon.Datasets;
using Pigeon.Models;
using Pigeon.Runtime;
using Pigeon.Tests;
using Xunit;
using Xunit.Abstractions;

namespace Pigeon.Cli.Tests;

public sealed class CudaTests(ITestOutputHelper output)
{
    [Fact]
    public void Compile_for_a_GPU_writes_source_without_a_compiler()
    {
        using var folder = new TemporaryFolder();
        Outcome result = Tool.Run("compile", "rgat", "--target", "cuda:sm_90", "--emit", "cu,plan", "-o", folder.Path);
        Assert.True(result.Code == 0, result.Messages);
        Assert.Contains("extern \"C\" __global__", File.ReadAllText(Path.Combine(folder.Path, "program.cu")));
        Assert.True(File.Exists(Path.Combine(folder.Path, "prelude.cuh")));
    }

    [CudaTheory]
    [InlineData("epignn", "cuda:sm_80", "rounds=1")]
    [InlineData("tpgn", "cuda:sm_90", "length=48")]
    public void Models_with_a_task_compile_for_a_GPU(string model, string target, string option)
    {
        foreach (string[] mode in (string[][])[[], ["--training"]])
        {
            using var folder = new TemporaryFolder();
            Outcome result = Tool.Run(["compile", model, "--set", option, "--target", target, "--emit", "cu,ptx,cubin,report", "-o", folder.Path, .. mode]);
            Assert.True(result.Code == 0, result.Messages);
            Assert.Contains("k0_", File.ReadAllText(Path.Combine(folder.Path, "report.txt")), StringComparison.Ordinal);
            Assert.All((string[])["program.cu", "program.ptx", "program.cubin"], name => Assert.True(File.Exists(Path.Combine(folder.Path, name))));
        }
    }

    [CudaFact]
    public void Compile_for_a_GPU_reports_on_every_kernel()
    {
        using var folder = new TemporaryFolder();
        Outcome result = Tool.Run("compile", "rgcn", "--target", "cuda:sm_80", "--dataset", "gen:aifb@0.01", "--emit", "ptx,cubin,report", "-o", folder.Path);
        Assert.True(result.Code == 0, result.Messages);
        string text = File.ReadAllText(Path.Combine(folder.Path, "report.txt"));
        Assert.Contains("Predicted, not measured", text);
        Assert.Contains("Nothing here was run on a GPU", text);
        using JsonDocument report = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder.Path, "report.json")));
        JsonElement[] kernels = [.. report.RootElement.GetProperty("kernels").EnumerateArray()];
        Assert.Contains(kernels, k => k.GetProperty("name").GetString()!.EndsWith("_gemm", StringComparison.Ordinal) && k.GetProperty("flops").GetInt64() > 0);
        foreach (JsonElement kernel in kernels)
        {
            Assert.Contains(kernel.GetProperty("name").GetString()!, text);
            Assert.InRange(kernel.GetProperty("registers").GetInt32(), 1, 64);
            Assert.Equal(0, kernel.GetProperty("spillBytes").GetInt32());
            Assert.InRange(kernel.GetProperty("simulated").GetProperty("sectorsPer128Bytes").GetDouble(), 0.1, 32);
            Assert.True(kernel.GetProperty("simulated").GetProperty("mix").GetProperty("GlobalLoad").GetInt64() > 0);
        }

        Assert.StartsWith("\u007fELF", File.ReadAllText(Path.Combine(folder.Path, "program.cubin"), System.Text.Encoding.Latin1));
    }

    [CudaFact]
    public void Report_without_a_graph_is_of_a_generated_one_or_says_why_it_has_no_counts()
    {
        using var folder = new TemporaryFolder();
        Assert.Equal(0, Tool.Run("compile", "rgat", "--target", "cuda:sm_80", "--emit", "ir,report", "-o", folder.Path).Code);
        Assert.Contains("the graph gen:aifb@0.02", File.ReadAllText(folder["report.txt"]));
        Assert.Equal(0, Tool.Run("compile", folder["00-author.pig"], "--target", "cuda:sm_80", "--emit", "report", "-o", folder["again"]).Code);
        Assert.Contains("Not simulated: there is no graph", File.ReadAllText(Path.Combine(folder["again"], "report.txt")));
        Tool.Run("compile", folder["00-author.pig"], "--target", "cuda:sm_80", "--emit", "traffic", "-o", folder["again"]).AssertRefused("PG0503");
    }

    /// <summary>UMLS has 10,432 edges of 92 types.</summary>
    [CudaDataFact("kg/umls")]
    public void Traffic_of_RGAT_is_close_to_what_its_plan_has_to_move()
    {
        HeteroGraph graph = DatasetRegistry.Open("umls", Environment.GetEnvironmentVariable("PIGEON_DATA")).Graph;
        Assert.Equal(10_432, graph.EdgeCount);
        GpuTraffic traffic = GpuTraffic.Of(ModelCatalog.Find("rgat").Create(new Dictionary<string, string>(), 64, 64).Program, graph.Binding);
        output.WriteLine(traffic.ToString());
        Assert.InRange(traffic.PlanBytes, 1, 1.5 * traffic.LowerBoundBytes);
        Assert.True(traffic.UnfusedBytes > 3 * traffic.PlanBytes, traffic.ToString());
    }

    [Theory]
    [InlineData("compile", "rgcn", "--target", "cuda:sm_10")]
    [InlineData("compile", "rgcn", "--target", "tpu")]
    [InlineData("compile", "rgcn", "--emit", "cu")]
    [InlineData("compile", "rgcn", "--target", "cuda:sm_90", "--emit", "cs")]
    [InlineData("compile", "rgcn", "--target", "cuda:sm_90", "--precision", "fp4")]
    public void What_a_target_has_not_is_refused(params string[] words)
    {
        using var folder = new TemporaryFolder();
        Tool.Run([.. words, "-o", folder.Path]).AssertRefused("PG0502");
    }

    [Fact]
    public void Tensor_cores_and_atomics_are_refused_for_a_CPU()
    {
        using var folder = TemporaryFolder.OfFixture("rgat_mean_two_heads");
        Tool.Run("compile", "rgcn", "--precision", "tf32", "-o", folder["out"]).AssertRefused("PG0503");
        Tool.Run("compile", "rgcn", "--training", "--atomics", "-o", folder["out"]).AssertRefused("PG0503");
        Tool.Run("bench", "--models", "rgcn", "--mode", "training", "--atomics").AssertRefused("PG0503");
        Tool.Run("run", "rgat", "--graph", folder["graph.csv"], "--features", folder["x.npy"], "--weights", folder["weights.safetensors"],
            "--set", "heads=2", "concat=false", "-o", folder["y.npy"], "--precision", "bf16").AssertRefused("PG0503");
    }

    [CudaTheory]
    [InlineData("f32", 1e-5f)]
    [InlineData("tf32x3", 1e-5f)]
    [InlineData("tf32", 3e-3f)]
    [InlineData("bf16", 2e-2f)]
    public void Run_on_the_simulator_agrees_with_the_reference(string precision, float tolerance)
    {
        using var folder = TemporaryFolder.OfFixture("rgat_mean_two_heads");
        string[] line = ["run", "rgat", "--graph", folder["graph.csv"], "--features", folder["x.npy"], "--weights", folder["weights.safetensors"],
            "--set", "heads=2", "concat=false"];
        Outcome simulated = Tool.Run([.. line, "-o", folder["sim.npy"], "--device", "sim", "--precision", precision]);
        Assert.True(simulated.Code == 0, simulated.Messages);
        Assert.Equal(0, Tool.Run([.. line, "-o", folder["reference.npy"], "--reference"]).Code);
        using Tensor y = NpyFile.Read(folder["sim.npy"]);
        using Tensor expected = NpyFile.Read(folder["reference.npy"]);
        Assert.All(y.Span.ToArray().Zip(expected.Span.ToArray()), pair => Assert.Equal(pair.Second, pair.First, tolerance));
    }

    [CudaFact]
    public void Bench_on_the_simulator_agrees_with_the_operators()
    {
        Outcome result = Tool.Run("bench", "--models", "rgcn", "--datasets", "gen:aifb@0.005", "--in", "8", "--out", "8", "--rounds", "1", "--device", "sim",
            "--json");
        Assert.True(result.Code == 0, result.Messages);
        Assert.Contains("\"device\": \"simulator\"", result.Results, StringComparison.Ordinal);
        Assert.Contains("say nothing about a GPU", result.Messages, StringComparison.Ordinal);
    }

    [Fact]
    public void Train_and_bench_refuse_devices_that_are_not_there()
    {
        string reason = CudaDevice.Missing is null ? "PG0502" : "PG0601";
        string name = CudaDevice.Missing is null ? "tpu" : "cuda";
        Tool.Run("train", "rgcn", "--dataset", "gen:aifb@0.01", "--device", "tpu").AssertRefused("PG0502");
        Tool.Run("bench", "--models", "rgcn", "--datasets", "gen:aifb@0.01", "--device", name).AssertRefused(reason);
    }
}
