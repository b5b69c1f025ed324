using Pigeon.Compiler;
using Pigeon.Kernels;
using Pigeon.Runtime;
using Xunit;

namespace Pigeon.Tests;

/// <summary>What the compiler makes of the kernels of the three models at 64 → 64: bounds, since numbers move with its version.</summary>
public sealed class QualityTests
{
    private const double LeastOccupancy = 0.5;

    public static TheoryData<string, bool, int> Programs => new()
    {
        { "rgcn", false, 80 }, { "rgat", false, 80 }, { "hgt", false, 80 },
        { "rgat", false, 90 },
        { "rgcn", true, 80 }, { "rgat", true, 80 }, { "hgt", true, 80 },
    };

    [CudaTheory]
    [MemberData(nameof(Programs))]
    public void Kernels_neither_spill_nor_use_local_memory(string model, bool training, int architecture)
    {
        (CudaSource source, CompiledCuda compiled) = ModelPrograms.Compile(ModelPrograms.Create(model, training), architecture);
        IReadOnlyList<KernelResources> kernels = KernelResources.Parse(compiled.Log);
        Assert.Equal(source.Signature.Launches.Select(l => l.Kernel).Order(StringComparer.Ordinal), kernels.Select(k => k.Name));
        Assert.All(kernels, k => Assert.Equal((k.Name, 0, 0), (k.Name, k.StackBytes, k.SpillBytes)));
        Assert.DoesNotContain(".local", compiled.Image.Ptx);
    }

    [CudaTheory]
    [InlineData("rgcn")]
    [InlineData("rgat")]
    [InlineData("hgt")]
    public void Half_of_a_multiprocessor_is_resident_unless_a_GEMM_has_steps(string model)
    {
        (CudaSource source, CompiledCuda compiled) = ModelPrograms.Compile(ModelPrograms.Create(model, training: false));
        Plan plan = ProgramCompiler.Plan(ModelPrograms.Create(model, training: false));
        string[] plain = [.. plan.Kernels.Where(k => k.Contraction is null || !k.Steps.Any()).Select(k => k.Name)];
        foreach (KernelResources kernel in KernelResources.Parse(compiled.Log).Where(k => plain.Contains(k.Name)))
        {
            GpuLaunchSignature launch = source.Signature.Launches.Single(l => l.Kernel == kernel.Name);
            foreach (int architecture in new[] { 80, 90 })
            {
                double occupancy = kernel.Occupancy(architecture, launch.Threads);
                Assert.True(occupancy >= LeastOccupancy, $"{kernel}: {occupancy:P0} of sm_{architecture}");
            }
        }
    }

    [CudaFact]
    public void Rows_move_as_vectors()
    {
        (_, CompiledCuda compiled) = ModelPrograms.Compile(ModelPrograms.Create("rgat", training: false));
        Assert.Contains("cp.async.ca.shared.global", compiled.Image.Ptx);
        Assert.Contains("ld.global.nc.v4.f32", compiled.Image.Ptx);
        Assert.Contains("ld.shared.v4.f32", compiled.Image.Ptx);
        Assert.Contains("st.global.v4.f32", compiled.Image.Ptx);
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
