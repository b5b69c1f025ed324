using Pigeon.Compiler;
using Pigeon.Kernels;
using Pigeon.Runtime;
using Pigeon.Simulator;
using Xunit;

namespace Pigeon.Tests;

/// <summary>Weight gradients that are added up by atomics, beside those that are joined in order.</summary>
public sealed class AtomicSumTests
{
    private const int Orders = 3;
    private const double Tolerance = 1e-5;

    // Types with several runs of 256 rows, with one, and with none.
    private static readonly int[] EdgesOfType = [1500, 520, 200, 0];

    public static TheoryData<string> Models => ["rgcn", "rgat", "hgt"];

    [CudaTheory]
    [MemberData(nameof(Models))]
    public void Training_steps_agree_with_the_evaluator_in_every_order(string model)
    {
        Program program = ModelPrograms.Create(model, training: true, 8, 8, model == "rgcn" ? 1 : 2, squares: true);
        GraphBinding graph = Graph();
        var compiled = ModelPrograms.Compile(program, options: new() { Graph = graph, AtomicSums = true });
        Assert.Contains("pg_add4", compiled.Source.Source, StringComparison.Ordinal);
        for (int order = 0; order < Orders; order++)
        {
            Assert.Null(SimulatorTests.Fault(program, compiled, graph, SimulatorTests.Numbers(program, graph, 1), order, Tolerance, integers: false));
        }
    }

    [CudaTheory]
    [InlineData(64, 64)]
    [InlineData(5, 7)]
    [InlineData(36, 100)]
    public void Sums_of_whole_numbers_are_exact(int inWidth, int outWidth)
    {
        Program program = Gradient(inWidth, outWidth);
        GraphBinding graph = Graph();
        var compiled = ModelPrograms.Compile(program, options: new() { AtomicSums = true });
        for (int order = 0; order < Orders; order++)
        {
            Assert.Null(SimulatorTests.Fault(program, compiled, graph, Differential.Arguments(program, graph, 1, integers: true), order, 0, integers: true));
        }
    }

    /// <summary>The same numbers are summed in other orders of blocks: only sums by atomics show it.</summary>
    [CudaTheory]
    [InlineData(false)]
    [InlineData(true)]
    public void Bits_depend_on_the_order_of_blocks_by_atomics_alone(bool atomics)
    {
        Program program = Gradient(16, 16);
        GraphBinding graph = Graph();
        var compiled = ModelPrograms.Compile(program, options: new() { AtomicSums = atomics });
        using var device = new SimulatorDevice();
        using var executable = new GpuExecutable(new(compiled.Source.Signature, compiled.Compiled.Image), graph, device);
        foreach ((string name, Tensor tensor) in SimulatorTests.Numbers(program, graph, 1))
        {
            executable.Set(name, tensor);
        }

        var results = new List<float[]>();
        for (int order = 0; order < Orders; order++)
        {
            device.Gpu.Options = device.Gpu.Options with { Seed = order };
            executable.Run();
            results.Add([.. program.Outputs.SelectMany(output => executable.Output(output.Name).Span.ToArray())]);
        }

        Assert.Equal(atomics, results.Any(result => !result.AsSpan().SequenceEqual(results[0])));
    }

    [CudaTheory]
    [MemberData(nameof(Models))]
    public void One_launch_clears_what_one_would_join(string model)
    {
        Program program = ModelPrograms.Create(model, training: true);
        CompileOptions options = new() { Graph = Graph() };
        GpuLaunchSignature[] joined = [.. ModelPrograms.Compile(program, options: options).Source.Signature.Launches];
        GpuLaunchSignature[] cleared = [.. ModelPrograms.Compile(program, options: options with { AtomicSums = true }).Source.Signature.Launches];
        Assert.DoesNotContain(joined, launch => launch.Kernel.EndsWith("_clear", StringComparison.Ordinal));
        Assert.DoesNotContain(cleared, launch => launch.Kernel.EndsWith("_join", StringComparison.Ordinal));
        GpuLaunchSignature clearing = Assert.Single(cleared, launch => launch.Kernel.EndsWith("_clear", StringComparison.Ordinal));
        Assert.Equal(joined.Where(launch => launch.Kernel.EndsWith("_join", StringComparison.Ordinal)).Sum(launch => launch.Members.Length), clearing.Members.Length);
        Assert.True(cleared.Length <= joined.Length, $"{cleared.Length} launches by atomics, {joined.Length} without");
    }

    [Fact]
    public void Kernels_of_the_CPU_are_refused() => Assert.Equal("PG0133",
        Assert.Throws<PigeonException>(() => ProgramCompiler.Compile(Gradient(4, 4), new() { AtomicSums = true, Cache = null })).Diagnostic.Id);

    /// <summary>The gradient of a typed linear's weight, and a step along it.</summary>
    private static Program Gradient(int inWidth, int outWidth)
    {
        var p = new ProgramBuilder("gemm");
        Value x = p.Input("x", HeteroSchema.Nodes, inWidth);
        Value w = p.Weight("w", HeteroSchema.EdgeTypes, inWidth, outWidth);
        Value y = x.At(HeteroSchema.Src).Linear(w, HeteroSchema.EType);
        Value c = p.Input("c", HeteroSchema.Edges, outWidth);
        p.Return("loss", Losses.Sum((y * c).RowReduce(ReduceKind.Sum, 0).Reshape()));
        return Differentiate.Run(p.Build(), "loss", ["w"]);
    }

    private static GraphBinding Graph()
    {
        const int nodes = 60;
        int[] types = [.. EdgesOfType.SelectMany((count, type) => Enumerable.Repeat(type, count))];
        int[] all = [.. Enumerable.Range(0, types.Length)];
        return HeteroGraph.Create(["a", "b"], [.. EdgesOfType.Select((_, t) => new EdgeType($"r{t}"))], [.. Enumerable.Range(0, nodes).Select(n => n % 2)],
            [.. all.Select(e => e * 7 % nodes)], [.. all.Select(e => e / 9 % nodes)], types).Binding;
    }
}
