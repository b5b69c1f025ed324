using System.Collections.Immutable;
using Pigeon.Compiler;
using Pigeon.Kernels;
using Xunit;

namespace Pigeon.Tests;

/// <summary>Which launches are joined in one, which may not be, and how long their buffers are kept.</summary>
public sealed class LaunchJoiningTests
{
    [Fact]
    public void Launches_of_one_shape_are_joined_whatever_their_buffers()
    {
        var launches = Join(Function("a", reads: 0, writes: 1), Function("b", reads: 2, writes: 3));
        Assert.Equal(["a", "b"], Assert.Single(launches).Select(f => f.Launch.Kernel));
    }

    [Fact]
    public void Launch_that_needs_another_comes_after_it()
    {
        var launches = Join(Function("a", reads: 0, writes: 1), Function("b", reads: 1, writes: 2));
        Assert.Equal(["a", "b"], launches.Select(launch => Assert.Single(launch).Launch.Kernel));
    }

    [Fact]
    public void Launch_moves_down_to_its_like_unless_one_between_needs_it()
    {
        CudaFunction between = Function("x", reads: 4, writes: 5, body: "other");
        CudaFunction needs = Function("y", reads: 1, writes: 5, body: "other");
        CudaFunction last = Function("b", reads: 2, writes: 3);
        Assert.Equal(["x", "a b"], Names(Join(Function("a", reads: 0, writes: 1), between, last)));
        Assert.Equal(["a", "y", "b"], Names(Join(Function("a", reads: 0, writes: 1), needs, last)));
    }

    [Fact]
    public void Second_name_of_a_buffer_is_the_same_memory()
    {
        CudaFunction[] functions = [Function("a", reads: 0, writes: 1), Function("b", reads: 9, writes: 3)];
        Assert.Single(CudaLaunches.Join(functions, buffer => buffer));
        Assert.Equal(2, CudaLaunches.Join(functions, buffer => buffer == 9 ? 1 : buffer).Count);
    }

    [Theory]
    [InlineData("a body of its own", 256, false)]
    [InlineData("body", 128, false)]
    [InlineData("body", 256, true)]
    public void Other_code_other_blocks_and_another_time_are_not_joined(string body, int threads, bool once) =>
        Assert.Equal(2, Join(Function("a", reads: 0, writes: 1), Function("b", reads: 2, writes: 3, body, threads, once)).Count);

    [Fact]
    public void Launch_has_no_more_parameters_than_a_kernel_may()
    {
        var launches = Join([.. Enumerable.Range(0, 300).Select(i => Function($"k{i}", reads: 2 * i, writes: (2 * i) + 1))]);
        Assert.Equal(300, launches.Sum(launch => launch.Length));
        Assert.InRange(launches.Count, 2, 3);
        Assert.All(launches, launch => Assert.InRange(launch.Length * 3, 1, 400));
    }

    [Fact]
    public void Whatever_is_joined_everything_runs_once_and_after_what_it_needs()
    {
        var random = new Random(1);
        for (int round = 0; round < 200; round++)
        {
            CudaFunction[] functions = [.. Enumerable.Range(0, 12).Select(i => Function($"k{i}", random.Next(8), random.Next(8), random.Next(3) == 0 ? "other" : "body"))];
            var launches = Join(functions);
            int Place(CudaFunction function) => launches.FindIndex(launch => launch.Contains(function));
            Assert.Equal(functions.Length, launches.Sum(launch => launch.Length));
            for (int later = 0; later < functions.Length; later++)
            {
                for (int earlier = 0; earlier < later; earlier++)
                {
                    Assert.True(!functions[later].DependsOn(functions[earlier], b => b) || Place(functions[earlier]) < Place(functions[later]), $"round {round}: {earlier} before {later}");
                }
            }
        }
    }

    [Fact]
    public void What_may_come_early_joins_the_first_of_its_kind_and_its_buffers_live_from_there()
    {
        CudaFunction[] functions = [Clear("k0", 0), Function("k0", reads: 8, writes: 0), Function("k1", reads: 0, writes: 1), Clear("k2", 2), Function("k2", reads: 1, writes: 2)];
        (IReadOnlyList<CudaFunction> moved, ProgramSignature signature) = CudaLaunches.Advance(functions, Signature(kernels: 3, (0, 0, 2), (1, 1, 2), (2, 2, 2)), b => b);
        Assert.Equal(["k2_clear", "k0_clear", "k0", "k1", "k2"], moved.Select(f => f.Launch.Kernel));
        Assert.Equal([(0, 2), (1, 2), (0, 2)], signature.Buffers.Select(b => (b.FirstKernel, b.LastKernel)));
        Assert.Equal(["k2_clear k0_clear", "k0", "k1", "k2"], Names(CudaLaunches.Join(moved, b => b)));
    }

    [Fact]
    public void What_clears_memory_that_is_in_use_stays_where_it_is()
    {
        CudaFunction[] functions = [Clear("k0", 0), Function("k0", reads: 2, writes: 0), Clear("k1", 2), Function("k1", reads: 0, writes: 2)];
        ProgramSignature before = Signature(kernels: 2, (0, 0, 1), (1, 1, 1), (0, 2, 1));
        (IReadOnlyList<CudaFunction> moved, ProgramSignature signature) = CudaLaunches.Advance(functions, before, b => b);
        Assert.Equal(functions, moved);
        Assert.Equal(before.Buffers.Select(b => (b.FirstKernel, b.LastKernel)), signature.Buffers.Select(b => (b.FirstKernel, b.LastKernel)));
    }

    [Fact]
    public void Buffers_of_a_launch_live_until_its_last_kernel()
    {
        var launches = Join(Function("k0", reads: 0, writes: 1), Function("k1", reads: 2, writes: 3));
        GpuLaunchSignature written = CudaLaunches.Write(new CodeWriter(), Assert.Single(launches), []);
        ProgramSignature kept = CudaLaunches.Keep(Signature(kernels: 2, (0, 0, 0), (0, 0, 0), (0, 0, 1), (1, 1, 1)), [written]);
        Assert.Equal([1, 1, 1, 1], kept.Buffers.Select(b => b.LastKernel));
    }

    [Fact]
    public void Code_of_launches_that_stay_apart_is_written_once()
    {
        var launches = Join(Function("a", reads: 0, writes: 1), Function("b", reads: 1, writes: 2), Function("c", reads: 2, writes: 3, body: "other"));
        var (writer, codes) = (new CodeWriter(), new Dictionary<(string, int), string>());
        GpuLaunchSignature[] written = [.. launches.Select(launch => CudaLaunches.Write(writer, launch, codes))];
        Assert.Equal(["a", "a", "c"], written.Select(launch => launch.Kernel));
        Assert.Equal(["a", "b", "c"], written.Select(launch => launch.Members.Single().Kernel));
        Assert.Equal(2, writer.ToString().Split("__global__").Length - 1);
    }

    /// <summary>What only updates numbers is a kernel of its own, whatever row it stands in; what has a loop is not taken apart.</summary>
    [Fact]
    public void Updates_of_weights_are_taken_apart_from_what_knows_its_row()
    {
        Plan plan = ModelPrograms.PlanOf(ModelPrograms.Create("rgcn", training: true));
        Kernel update = plan.Kernels.Items.Last(k => k.Contraction is null && k.Steps.All(s => s.Loop is null));
        (IReadOnlyList<Kernel> numbers, Kernel? others) = CudaNumbers.Split(plan, update);
        int[] of = [.. numbers.SelectMany(Values)];
        Assert.NotEmpty(numbers);
        Assert.Equal(Values(update).Order(), of.Concat(others is null ? [] : Values(others)).Order());
        Assert.Equal(of.Length, of.Distinct().Count());
        foreach (Kernel kernel in plan.Kernels.Items.Where(k => k.Contraction is not null || k.Steps.Any(s => s.Loop is not null)))
        {
            Assert.Equal(([], kernel), CudaNumbers.Split(plan, kernel));
        }
    }

    /// <summary>They depend on the architecture alone, and say what was published.</summary>
    [Fact]
    public void Costs_of_a_GPU_are_those_of_its_peaks()
    {
        (MachineCosts a100, MachineCosts h100) = (MachineCosts.OfGpu(80), MachineCosts.OfGpu(90));
        Assert.Equal(a100, MachineCosts.OfGpu(80));
        Assert.All(a100.ToArray().Zip(h100.ToArray()), pair => Assert.True(pair.Second <= pair.First, $"{pair.Second} of sm_90 beside {pair.First}"));
        Assert.Equal(1e9 / GpuPeaks.A100.MemoryBytes, a100.Levels[^1].ByteNs, 1e-12);
        Assert.Equal(long.MaxValue, a100.Levels[^1].Bytes);
        Assert.All(new[] { a100, h100 }, costs => Assert.True(costs.LaunchNs > MachineCosts.Default.LaunchNs && costs.LinearVector < MachineCosts.Default.LinearVector / 100));
    }

    private static IEnumerable<int> Values(Kernel kernel) => kernel.Steps.SelectMany(s => s.Stages).Select(s => s.Value).Distinct();

    private static List<ImmutableArray<CudaFunction>> Join(params CudaFunction[] functions) => CudaLaunches.Join(functions, buffer => buffer);

    private static IEnumerable<string> Names(IEnumerable<ImmutableArray<CudaFunction>> launches) => launches.Select(launch => string.Join(' ', launch.Select(f => f.Launch.Kernel)));

    private static CudaFunction Function(string name, int reads, int writes, string body = "body", int threads = 256, bool once = false) => Create(name, name, body, threads, once,
        new CudaParameter(Code.Of($"v{reads}"), Code.Of($"const float*"), new(GpuArgumentKind.Buffer, reads), IsWritten: false),
        new CudaParameter(Code.Of($"y{writes}"), Code.Of($"float*"), new(GpuArgumentKind.Buffer, writes), IsWritten: true));

    private static CudaFunction Clear(string kernel, int buffer) => Create($"{kernel}_clear", kernel, "clear", 256, once: false,
        new CudaParameter(Code.Of($"v{buffer}"), Code.Of($"float*"), new(GpuArgumentKind.Buffer, buffer), IsWritten: true)) with { MayComeEarly = true };

    private static CudaFunction Create(string name, string kernel, string body, int threads, bool once, params CudaParameter[] parameters)
    {
        var writer = new CodeWriter();
        writer.Line($"{Code.AsciiComment(body)}");
        foreach (CudaParameter parameter in parameters)
        {
            writer.Line($"use({parameter.Name});");
        }

        return new(new(name, once, GpuGridKind.Rows, 1, 1, 1, 1, threads, 0, [new(kernel, 0, [], [.. parameters.Select(p => p.Argument)])]), 1, [.. parameters], writer);
    }

    private static ProgramSignature Signature(int kernels, params (int First, int Index, int Last)[] buffers) => new("p", [IndexSpace.One], [],
        [.. buffers.Select(b => new BufferSignature($"b{b.Index}", 0, [4], BufferRole.Internal, b.First, b.Last))],
        [.. Enumerable.Range(0, kernels).Select(k => new KernelSignature($"k{k}", 0, -1, -1, false))], 0);
}
