using Pigeon.Compiler;
using Pigeon.Datasets;
using Pigeon.Kernels;
using Pigeon.Models;
using Pigeon.Runtime;
using Pigeon.Simulator;
using Xunit;

namespace Pigeon.Tests;

/// <summary>
/// What the compiler makes of every kernel of the three models at 64 → 64, and what the simulator counts of them: bounds, since numbers
/// move with the compiler's version.
/// </summary>
public sealed class QualityTests
{
    private const double LeastOccupancy = 0.5;
    private const double MostSectors = 4.5;
    private const int SectorBytes = 32;

    // NVRTC may split a read of 16 bytes into two of 8 that meet in banks; which ones, if any, differs from one compilation of a text to the next. Rows
    // that lie badly would double a line's wavefronts.
    private const double MostConflicts = 0.1;

    public static TheoryData<string, bool, GemmPrecision> Programs
    {
        get
        {
            var data = new TheoryData<string, bool, GemmPrecision>();
            foreach (string model in new[] { "rgcn", "rgat", "hgt" })
            {
                data.Add(model, false, GemmPrecision.F32);
                data.Add(model, true, GemmPrecision.F32);
                data.Add(model, true, GemmPrecision.Tf32);
                data.Add(model, true, GemmPrecision.Bf16);
            }

            return data;
        }
    }

    public static TheoryData<string, bool, int, GemmPrecision> Simulated => new()
    {
        { "rgcn", false, 1, GemmPrecision.F32 }, { "rgat", false, 1, GemmPrecision.F32 }, { "rgat", false, 4, GemmPrecision.F32 },
        { "hgt", false, 1, GemmPrecision.F32 }, { "hgt", false, 4, GemmPrecision.F32 },
        { "rgcn", true, 1, GemmPrecision.F32 }, { "rgat", true, 1, GemmPrecision.F32 }, { "rgat", true, 4, GemmPrecision.F32 },
        { "hgt", true, 1, GemmPrecision.F32 }, { "hgt", true, 4, GemmPrecision.F32 },
        { "rgcn", true, 1, GemmPrecision.Tf32 }, { "rgat", true, 1, GemmPrecision.Bf16 }, { "hgt", true, 4, GemmPrecision.Bf16 },
    };

    [CudaTheory]
    [MemberData(nameof(Programs))]
    public void Kernels_neither_spill_nor_use_local_memory_and_fill_half_of_a_multiprocessor(string model, bool training, GemmPrecision precision)
    {
        Program program = ModelPrograms.Create(model, training);
        foreach (int architecture in new[] { 80, 90 })
        {
            (CudaSource source, CompiledCuda compiled) = ModelPrograms.Compile(program, architecture, precision: precision);
            IReadOnlyList<KernelResources> kernels = KernelResources.Parse(compiled.Log);
            Assert.Equal(source.Signature.Launches.Select(l => l.Kernel).Distinct().Order(StringComparer.Ordinal), kernels.Select(k => k.Name));
            Assert.All(kernels, k => Assert.Equal((k.Name, 0, 0), (k.Name, k.StackBytes, k.SpillBytes)));
            Assert.DoesNotContain(".local", compiled.Image.Ptx);
            foreach (GpuLaunchSignature launch in source.Signature.Launches)
            {
                KernelResources kernel = kernels.Single(k => k.Name == launch.Kernel);
                double occupancy = kernel.Occupancy(architecture, launch.Threads);
                Assert.True(occupancy >= LeastOccupancy, $"{kernel}: {occupancy:P0} of sm_{architecture}");
            }
        }
    }

    /// <summary>As plans for a GPU are: with the softmax in one loop.</summary>
    [CudaTheory]
    [InlineData("rgat", 1)]
    [InlineData("rgat", 4)]
    [InlineData("hgt", 1)]
    [InlineData("hgt", 4)]
    public void Plans_for_a_GPU_neither_spill_nor_fill_less_than_half_of_a_multiprocessor(string model, int heads)
    {
        Program program = ModelPrograms.Create(model, training: false, heads: heads);
        CompileOptions options = GpuCompiler.For(80, new() { Graph = DatasetRegistry.Open("gen:aifb", null).Graph.Binding, FixedWeights = true });
        Assert.Contains(ProgramCompiler.Plan(program, options).Kernels, kernel => kernel.Steps.Any(step => step.IsOnline));
        (CudaSource source, CompiledCuda compiled) = ModelPrograms.Compile(program, options: options);
        foreach (KernelResources kernel in KernelResources.Parse(compiled.Log))
        {
            Assert.Equal((kernel.Name, 0, 0), (kernel.Name, kernel.StackBytes, kernel.SpillBytes));
            Assert.InRange(kernel.Occupancy(80, source.Signature.Launches.First(l => l.Kernel == kernel.Name).Threads), LeastOccupancy, 1);
        }
    }

    [CudaTheory]
    [MemberData(nameof(Programs))]
    public void Rows_move_as_vectors_wherever_their_widths_allow(string model, bool training, GemmPrecision precision)
    {
        Plan plan = ModelPrograms.PlanOf(ModelPrograms.Create(model, training));
        (CudaSource source, CompiledCuda compiled) = ModelPrograms.Compile(plan.Program, precision: precision);
        var texts = compiled.Image.Ptx.Split(".entry ")[1..].ToDictionary(t => t.Split('(')[0]);
        Assert.Contains(plan.Kernels, k => k.Contraction is not null);
        foreach (Kernel kernel in plan.Kernels)
        {
            string text = texts[source.Signature.Launches.First(l => l.Members.Any(m => m.Kernel == kernel.Name)).Kernel];
            if (kernel.Contraction is { K: var k, N: var n } gemm)
            {
                Assert.True(k % 4 != 0 || plan.Storage[gemm.X.Value] == Storage.Scratch || text.Contains("cp.async.ca.shared.global"), kernel.Name);
                Assert.True(n % 4 != 0 || text.Contains("st.global.v4.f32") || text.Contains("st.shared.v4.f32"), kernel.Name);
                Assert.True(precision == GemmPrecision.F32 || text.Contains("mma.sync"), kernel.Name);
            }

            bool reads = kernel.Steps.SelectMany(s => s.Stages).Any(s => s.Kind != StageKind.RowReduce && s.Domain.Rank > 0 &&
                s.Domain[^1] % 4 == 0 && s.Arguments.Any(a => plan.Storage[a.Value] == Storage.Buffer && a.Strides[^1] == 1));
            Assert.True(!reads || text.Contains("ld.global.nc.v4.f32") || text.Contains("ld.global.v4.f32"), kernel.Name);
        }
    }

    [CudaTheory]
    [MemberData(nameof(Simulated))]
    public void Products_have_no_bank_conflicts_and_rows_take_few_sectors(string model, bool training, int heads, GemmPrecision precision)
    {
        Program program = ModelPrograms.Create(model, training, heads: heads);
        (CudaSource source, CompiledCuda compiled) = ModelPrograms.Compile(program, precision: precision);
        GraphBinding graph = RandomGraphs.Create(4).Binding;
        using var device = new SimulatorDevice(new SimulatorOptions { Checks = SimulatorChecks.None });
        using var executable = new GpuExecutable(new(source.Signature, compiled.Image), graph, device);
        foreach ((string name, Tensor tensor) in SimulatorTests.Numbers(program, graph, 4))
        {
            executable.Set(name, tensor);
        }

        executable.Run();
        foreach ((string name, KernelCounters counters) in device.Counters)
        {
            LineCounters[] conflicts = [.. counters.Lines.Where(l => l.Shared.Excess > MostConflicts * l.Shared.IdealUnits)];
            Assert.True(conflicts.Length == 0, $"{name} has bank conflicts at {string.Join(", ", conflicts.Select(l => $"{l.Source}: {l.Shared}"))}");

            // What moves whole rows are the templates' loads and stores. 4 sectors hold the 128 bytes of 32 lanes with 4 bytes each; a request of
            // fewer lanes is held to the same share of the sectors that its bytes need. One of less than a sector has nothing to share with.
            LineCounters[] lines = [.. counters.Lines.Where(l => l.Source.Contains(".cuh") && l.Global.Bytes >= SectorBytes * l.Global.Requests)];
            Traffic rows = lines.Aggregate(default(Traffic), (sum, l) => sum + l.Global);
            double sectors = 4.0 * rows.Units / Math.Max(1, rows.IdealUnits);
            string widest = string.Join(", ", lines.Where(l => l.Global.Excess > 0).Select(l => $"{l.Source}: {l.Global}"));
            Assert.True(sectors <= MostSectors, FormattableString.Invariant($"{name}: {sectors:F2} sectors for 128 bytes, at {widest}"));
        }
    }

    [Fact]
    public void Log_of_ptxas_is_read()
    {
        const string log = """
            ptxas info    : Compiling entry function 'k1_gemm' for 'sm_80'
            ptxas info    : Function properties for k1_gemm
            ptxas         .     24 bytes stack frame, 20 bytes spill stores, 16 bytes spill loads
            ptxas info    : Used 96 registers, 24 bytes cumulative stack size, 18432 bytes smem, 388 bytes cmem[0]
            ptxas info    : Compiling entry function 'k0_map' for 'sm_80'
            ptxas info    : Function properties for k0_map
            ptxas         .     0 bytes stack frame, 0 bytes spill stores, 0 bytes spill loads
            ptxas info    : Used 15 registers, 388 bytes cmem[0]
            """;
        KernelResources[] expected = [new("k0_map", 15, 0, 0, 0), new("k1_gemm", 96, 24, 20, 18432)];
        Assert.Equal(expected, KernelResources.Parse(log));
        Assert.Equal(1.0, expected[0].Occupancy(80, 256));
        Assert.Equal(0.25, expected[1].Occupancy(80, 256));
    }
}
