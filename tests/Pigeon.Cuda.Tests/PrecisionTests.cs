using Pigeon.Compiler;
using Pigeon.Kernels;
using Pigeon.Runtime;
using Xunit;

namespace Pigeon.Tests;

/// <summary>GEMMs by tensor cores, on the simulator with every check on, beside the f64 evaluator.</summary>
public sealed class PrecisionTests
{
    private static readonly int Graphs = int.TryParse(Environment.GetEnvironmentVariable("PIGEON_CUDA_GRAPHS"), out int count) ? count : 150;

    public static TheoryData<string, bool, int, int, int, GemmPrecision> Models
    {
        get
        {
            var data = new TheoryData<string, bool, int, int, int, GemmPrecision>();
            foreach (GemmPrecision precision in new[] { GemmPrecision.Tf32, GemmPrecision.Bf16, GemmPrecision.Tf32x3 })
            {
                data.Add("rgcn", false, 64, 64, 1, precision);
                data.Add("rgat", false, 64, 64, 2, precision);
                data.Add("hgt", false, 36, 48, 3, precision);
                data.Add("rgcn", true, 5, 6, 1, precision);
                data.Add("rgat", true, 24, 32, 2, precision);
                data.Add("hgt", true, 20, 40, 2, precision);
            }

            return data;
        }
    }

    [CudaTheory]
    [MemberData(nameof(Models))]
    public void Models_agree_with_the_evaluator(string model, bool training, int inWidth, int outWidth, int heads, GemmPrecision precision)
    {
        Program program = ModelPrograms.Create(model, training, inWidth, outWidth, heads, squares: true);
        var compiled = ModelPrograms.Compile(program, precision: precision);
        for (int seed = 1; seed <= (training ? 1 : 3); seed++)
        {
            GraphBinding graph = RandomGraphs.Create(seed).Binding;
            Assert.Null(SimulatorTests.Fault(program, compiled, graph, SimulatorTests.Numbers(program, graph, seed), seed, Tolerance(precision), integers: false));
        }
    }

    [CudaTheory]
    [InlineData(64, 64, GemmPrecision.Tf32)]
    [InlineData(64, 64, GemmPrecision.Bf16)]
    [InlineData(5, 7, GemmPrecision.Tf32)]
    [InlineData(5, 7, GemmPrecision.Bf16)]
    [InlineData(36, 100, GemmPrecision.Tf32)]
    [InlineData(36, 100, GemmPrecision.Bf16)]
    public void Products_and_weight_gradients_of_whole_numbers_are_exact(int inWidth, int outWidth, GemmPrecision precision)
    {
        var p = new ProgramBuilder("gemm");
        Value x = p.Input("x", HeteroSchema.Nodes, inWidth);
        Value w = p.Weight("w", HeteroSchema.EdgeTypes, inWidth, outWidth);
        Value y = x.At(HeteroSchema.Src).Linear(w, HeteroSchema.EType);
        Value c = p.Input("c", HeteroSchema.Edges, outWidth);
        p.Return("y", y);
        p.Return("loss", Losses.Sum((y * c).RowReduce(ReduceKind.Sum, 0).Reshape()));
        Program program = TrainingStep.Create(p.Build(), "loss", new Optimiser.Sgd { Momentum = 0.5 }).Program;
        var compiled = ModelPrograms.Compile(program, precision: precision);
        Assert.Contains("PgOuter<PgMma", compiled.Source.Source, StringComparison.Ordinal);
        foreach (int seed in new[] { 3, 4, 8 })
        {
            GraphBinding graph = RandomGraphs.Create(seed).Binding;
            Dictionary<string, Tensor> numbers = Differential.Arguments(program, graph, seed, integers: true);
            Assert.Null(SimulatorTests.Fault(program, compiled, graph, numbers, seed, 0, integers: true));
        }
    }

    [CudaTheory]
    [InlineData("rgcn")]
    [InlineData("rgat")]
    [InlineData("hgt")]
    public void Every_GEMM_multiplies_with_tensor_cores_alone(string model)
    {
        foreach ((GemmPrecision precision, string format) in new[] { (GemmPrecision.Tf32, "tf32.tf32"), (GemmPrecision.Bf16, "bf16.bf16"), (GemmPrecision.Tf32x3, "tf32.tf32") })
        {
            var compiled = ModelPrograms.Compile(ModelPrograms.Create(model, training: true), 90, precision: precision);
            string[] kernels = compiled.Compiled.Image.Ptx.Split(".entry ")[1..];
            string[] gemms = [.. kernels.Where(k => k.Split('(')[0].EndsWith("_gemm", StringComparison.Ordinal))];
            Assert.NotEmpty(gemms);
            Assert.Contains(gemms, text => text.Contains($"f32.{format}.f32", StringComparison.Ordinal));
            Assert.All(gemms, text => Assert.Matches("mma.sync.aligned.*f32.(tf32.tf32|bf16.bf16).f32", text));
            Assert.All(gemms, text => Assert.Contains("cp.async.ca.shared.global", text, StringComparison.Ordinal));
        }
    }

    [NvdisasmTheory]
    [InlineData(80)]
    [InlineData(90)]
    public void Machine_code_of_products_is_HMMA(int architecture)
    {
        Plan plan = ModelPrograms.PlanOf(ModelPrograms.Create("rgcn", training: true));
        var compiled = ModelPrograms.Compile(plan.Program, architecture, precision: GemmPrecision.Tf32);
        var counts = Nvdisasm.Count(compiled.Compiled.Image);
        Kernel[] gemms = [.. plan.Kernels.Where(k => k.Contraction is not null)];
        Assert.Contains(gemms, k => !k.Steps.Any());
        Assert.All(gemms, k => Assert.True(counts[k.Name].GetValueOrDefault("HMMA") >= 8, k.Name));

        // Steps have multiply-adds of their own.
        Assert.All(gemms.Where(k => !k.Steps.Any()), k => Assert.Equal((k.Name, 0), (k.Name, counts[k.Name].GetValueOrDefault("FFMA"))));
    }

    /// <summary>
    /// With weights in ±1, whose logits are large. The loss sums squares: of a sum in which all cancels out an error is no share.
    /// </summary>
    [CudaTheory]
    [InlineData("rgcn", false, GemmPrecision.Tf32)]
    [InlineData("rgat", false, GemmPrecision.Tf32)]
    [InlineData("hgt", false, GemmPrecision.Tf32)]
    [InlineData("rgcn", false, GemmPrecision.Bf16)]
    [InlineData("hgt", false, GemmPrecision.Bf16)]
    [InlineData("rgcn", true, GemmPrecision.Bf16)]
    [InlineData("rgat", true, GemmPrecision.Bf16)]
    [InlineData("rgcn", true, GemmPrecision.Tf32)]
    [InlineData("rgat", true, GemmPrecision.Tf32)]
    [InlineData("hgt", true, GemmPrecision.Tf32)]
    [InlineData("hgt", true, GemmPrecision.Bf16)]
    public void Every_random_graph_agrees_with_the_evaluator(string model, bool training, GemmPrecision precision)
    {
        const int width = 16;
        Program program = ModelPrograms.Create(model, training, width, width, model == "rgcn" ? 1 : 2, squares: true);
        var compiled = ModelPrograms.Compile(program, precision: precision);
        for (int seed = 0; seed < Graphs; seed++)
        {
            GraphBinding graph = RandomGraphs.Create(seed).Binding;
            Assert.Null(SimulatorTests.Fault(program, compiled, graph, SimulatorTests.Numbers(program, graph, seed), seed, Tolerance(precision), integers: false));
        }
    }

    /// <summary>The gradient of a softmax is a value less a sum over its group: what it comes of is not rounded. In inference there is no such value.</summary>
    [Theory]
    [InlineData("rgcn", false, false)]
    [InlineData("rgcn", true, false)]
    [InlineData("hgt", false, false)]
    [InlineData("hgt", true, true)]
    public void Products_of_centred_values_keep_their_digits(string model, bool training, bool some)
    {
        Plan plan = ModelPrograms.PlanOf(ModelPrograms.Create(model, training));
        bool[] centred = CentredInputs.Of(plan.Program);
        Kernel[] gemms = [.. plan.Kernels.Items.Where(k => k.Contraction is not null)];
        Assert.Equal(some, gemms.Any(k => centred[k.Contraction!.Value]));
        Assert.All(gemms, k => Assert.True(!centred[k.Contraction!.Value] || CudaEmitter.PrecisionOf(plan, k, GemmPrecision.Bf16) == GemmPrecision.Tf32x3));
        Assert.Contains(gemms, k => CudaEmitter.PrecisionOf(plan, k, GemmPrecision.Bf16) == GemmPrecision.Bf16);
    }

    private static double Tolerance(GemmPrecision precision) => precision switch
    {
        GemmPrecision.Tf32 => 3e-3,
        GemmPrecision.Bf16 => 1e-2,
        _ => 1e-5,
    };
}
