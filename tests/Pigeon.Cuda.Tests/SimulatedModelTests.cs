using Pigeon.Compiler;
using Pigeon.Kernels;
using Pigeon.Runtime;
using Pigeon.Simulator;
using Xunit;
using Xunit.Abstractions;

namespace Pigeon.Tests;

/// <summary>
/// The three models, forward and training step, by several plans, on many random graphs, each in three orders of warps and blocks, with every
/// check on: what the f64 evaluator gives, the same bits in every order, and no finding. <c>PIGEON_CUDA_GRAPHS</c> sets how many graphs.
/// </summary>
public sealed class SimulatedModelTests(ITestOutputHelper output)
{
    private const int Orders = 3;
    private const double Tolerance = 1e-5;

    private static readonly int Graphs = int.TryParse(Environment.GetEnvironmentVariable("PIGEON_CUDA_GRAPHS"), out int count) ? count : 150;

    // A graph whose rewrites are worth it: few pairs of type and source, many edges.
    private static readonly GraphBinding Dense = DenseGraph().Binding;

    private static readonly CompileOptions[] Plans =
    [
        new(),
        new() { Graph = Dense },
        new() { Graph = Dense, Rewrites = RewriteFamilies.Compact },
        new() { Graph = Dense, Rewrites = RewriteFamilies.Aggregate },
        new() { Fuse = false },
        new() { Graph = Dense, OnlineSoftmax = true },
    ];

    [CudaTheory]
    [InlineData("rgcn", false, 1)]
    [InlineData("rgat", false, 2)]
    [InlineData("hgt", false, 2)]
    [InlineData("rgcn", true, 1)]
    [InlineData("rgat", true, 2)]
    [InlineData("hgt", true, 2)]
    public void Every_plan_on_every_graph_in_every_order_gives_what_the_evaluator_gives(string model, bool training, int heads)
    {
        const int width = 8;
        Program program = ModelPrograms.Create(model, training, width, width, heads);
        CompileOptions[] plans = training ? Plans[..2] : Plans;
        GpuProgram[] programs = [.. plans.Select(plan => ModelPrograms.Compile(program, options: plan)).Select(c => new GpuProgram(c.Source.Signature, c.Compiled.Image))];
        (TimeSpan start, long instructions) = (Environment.CpuUsage.TotalTime, 0);
        for (int graph = 0; graph < Graphs; graph++)
        {
            string place = $"plan {graph % plans.Length}, graph {graph}";
            instructions += Run(program, programs[graph % plans.Length], graph, Tolerance, place);
        }

        TimeSpan time = Environment.CpuUsage.TotalTime - start;
        output.WriteLine(FormattableString.Invariant(
            $"{model}: {Graphs} graphs, {plans.Length} plans: {instructions / 1e6:F1} million warp instructions, {time.TotalSeconds:F1} s of CPU time with what ran beside it"));
    }

    private static long Run(Program program, GpuProgram compiled, int seed, double tolerance, string place)
    {
        GraphBinding graph = RandomGraphs.Create(seed).Binding;
        Dictionary<string, Tensor> arguments = SimulatorTests.Numbers(program, graph, seed);
        IReadOnlyDictionary<string, double[]> expected = Differential.Reference(program, graph, arguments);
        using var device = new SimulatorDevice { GoesOn = true };
        using var executable = new GpuExecutable(compiled, graph, device);
        foreach ((string name, Tensor tensor) in arguments)
        {
            executable.Set(name, tensor);
        }

        var first = new Dictionary<string, float[]>();
        for (int order = 0; order < Orders; order++)
        {
            device.Gpu.Options = device.Gpu.Options with { Seed = (seed * Orders) + order };
            executable.Run();
            foreach (Output result in program.Outputs)
            {
                float[] actual = executable.Output(result.Name).Span.ToArray();
                if (first.TryAdd(result.Name, actual))
                {
                    double error = Differential.Error(actual, expected[result.Name]);
                    Assert.True(error <= tolerance, FormattableString.Invariant($"{place}: {result.Name}: error {error:E2}"));
                }
                else
                {
                    Assert.True(first[result.Name].AsSpan().SequenceEqual(actual), $"{place}: {result.Name}: other bits in order {order}");
                }
            }
        }

        Assert.True(device.Faulty.Count == 0, $"{place}: {string.Join('\n', device.Faulty.SelectMany(launch => launch.Findings).Take(5))}");
        foreach (Tensor tensor in arguments.Values)
        {
            tensor.Dispose();
        }

        return device.Counters.Values.Sum(c => c.WarpInstructions);
    }

    private static HeteroGraph DenseGraph()
    {
        const int nodes = 50, edges = 20_000, types = 3;
        int[] all = [.. Enumerable.Range(0, edges)];
        return HeteroGraph.Create(["a", "b"], [.. Enumerable.Range(0, types).Select(t => new EdgeType($"r{t}"))], [.. Enumerable.Range(0, nodes).Select(n => n % 2)],
            [.. all.Select(e => e * 7 % nodes)], [.. all.Select(e => e / 9 % nodes)], [.. all.Select(e => e % types)]);
    }
}
