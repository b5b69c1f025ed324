using System.Collections.Immutable;
using Pigeon.Compiler;
using Pigeon.Datasets;
using Pigeon.Kernels;
using Pigeon.Models;
using Pigeon.Models.Tests;
using Pigeon.Runtime;
using Pigeon.Simulator;
using Xunit;

namespace Pigeon.Tests;

/// <summary>Training by batches on a device: an executable that is bound to one graph after the other.</summary>
public sealed class BatchTests
{
    private const double Tolerance = 2e-5;

    [CudaFact]
    public void Facts_are_learned_as_on_the_CPU() => LearnsAlike(new LinkPrediction(LearnableFacts.Create(), LearnableFacts.RecipeFor(epochs: 2)));

    [CudaFact]
    public void Questions_are_learned_as_on_the_CPU() => LearnsAlike(RelationQueries.Create(Recipe.Find("epignn-star-rcc8") with
    {
        Set = Settings(("facets", "2"), ("facet_width", "4"), ("rounds", "2")),
        Epochs = 2,
        Task = new RelationQuerySettings { Batch = 20 },
    }, Rcc8Generator.Create(seed: 1, perAnswer: 2, perTestAnswer: 1)));

    [CudaFact]
    public void Forecasts_are_learned_as_on_the_CPU() => LearnsAlike(new Forecasting(Waves(24 * 12), Recipe.Find("tpgn-etth1-168") with
    {
        Set = Settings(("length", "72"), ("horizon", "24")),
        Epochs = 2,
        Task = new ForecastSettings { Batch = 16 },
        LearningRate = new LearningRate.Constant(0.01),
    }));

    [CudaFact]
    public void Executable_is_bound_to_one_graph_after_the_other_as_if_each_were_its_first()
    {
        Program program = ModelPrograms.Create("hgt", training: false, 8, 8, 2);
        (CudaSource source, CompiledCuda compiled) = ModelPrograms.Compile(program);
        var gpu = new GpuProgram(source.Signature, compiled.Image);
        using var device = new SimulatorDevice();
        GraphBinding[] graphs = [.. new[] { 7, 3, 12, 3 }.Select(seed => RandomGraphs.Create(seed).Binding)];
        using var executable = new GpuExecutable(gpu, graphs[0], device);
        foreach (GraphBinding graph in graphs)
        {
            executable.Bind(graph);
            using var first = new GpuExecutable(gpu, graph, device);
            Dictionary<string, Tensor> arguments = Differential.Arguments(program, graph, 1);
            foreach (IExecutable each in new[] { executable, first })
            {
                foreach ((string name, Tensor tensor) in arguments)
                {
                    each.Set(name, tensor);
                }

                each.Run();
            }

            float[] once = executable.Output("y").Span.ToArray();
            Assert.Equal(first.Output("y").Span.ToArray(), once);

            // Captured now.
            executable.Run();
            Assert.Equal(once, executable.Output("y").Span.ToArray());
        }
    }

    [CudaFact]
    public void Graph_that_changes_nothing_copies_nothing_and_one_of_another_size_asks_for_its_arguments()
    {
        var p = new ProgramBuilder("sum");
        p.Return("y", p.Input("x", HeteroSchema.Nodes, 3).At(HeteroSchema.Src).Sum(HeteroSchema.Dst));
        (CudaSource source, CompiledCuda compiled) = ModelPrograms.Compile(p.Build());
        GraphBinding graph = RandomGraphs.Create(3).Binding;
        using var device = new CountingDevice(new SimulatorDevice());
        using var executable = new GpuExecutable(new(source.Signature, compiled.Image), graph, device);
        using Tensor x = Tensor.Random([graph.SizeOf(HeteroSchema.Nodes), 3], 1);
        executable.Set("x", x);
        executable.Run();
        float[] y = executable.Output("y").Span.ToArray();
        device.Reset();
        executable.Bind(graph.With(new Dictionary<string, int> { ["Batch"] = 5 }, new Dictionary<string, int[]>()));
        executable.Run();
        Assert.Equal((0, 0), (device.CopiesIn, device.Allocations));
        Assert.Equal(y, executable.Output("y").Span.ToArray());

        executable.Bind(RandomGraphs.Create(12).Binding);
        Assert.Equal("PG0222", Assert.Throws<PigeonException>(executable.Run).Diagnostic.Id);
    }

    [CudaFact]
    public void What_is_carried_from_run_to_run_keeps_its_shape()
    {
        var p = new ProgramBuilder("count");
        p.Return("next", p.Input("w", HeteroSchema.Nodes, 3) + 1);
        (CudaSource source, CompiledCuda compiled) = ModelPrograms.Compile(p.Build());
        using var device = new SimulatorDevice();
        using var executable = new GpuExecutable(new(source.Signature, compiled.Image), RandomGraphs.Create(3).Binding, device);
        executable.Link("next", "w");
        Assert.Equal("PG0221", Assert.Throws<PigeonException>(() => executable.Bind(RandomGraphs.Create(12).Binding)).Diagnostic.Id);
    }

    private static void LearnsAlike(ITask task)
    {
        TrainingResult cpu = task.Train(seed: 3);
        TrainingResult[] simulated = [.. Enumerable.Range(0, 2).Select(order =>
        {
            using var device = new SimulatorDevice(new SimulatorOptions { Seed = order });
            return task.Train(seed: 3, new() { Device = device });
        })];
        double[] expected = Losses(cpu);
        Assert.Equal("simulator", simulated[0].Record.Identity.Device);
        Assert.Equal(Losses(simulated[0]), Losses(simulated[1]));
        Assert.Equal(simulated[0].Test!.Figures.ToArray(), simulated[1].Test!.Figures.ToArray());
        Assert.All(expected.Zip(Losses(simulated[0])), pair => Assert.InRange(Math.Abs(pair.First - pair.Second), 0, Tolerance * Math.Max(1, pair.First)));
        Assert.True(expected[^1] < expected[0]);
    }

    private static double[] Losses(TrainingResult result) => [.. result.Record.History.Select(epoch => epoch.Loss)];

    private static ImmutableSortedDictionary<string, string> Settings(params (string Name, string Value)[] settings) =>
        settings.ToImmutableSortedDictionary(s => s.Name, s => s.Value);

    private static TimeSeries Waves(int steps)
    {
        int[] all = [.. Enumerable.Range(0, steps)];
        return new("waves", [.. all.Select(i => new DateTime(2020, 1, 1).AddHours(i))],
            [.. all.Select(i => Math.Sin(i * Math.Tau / 24) + (0.5 * Math.Sin(i * Math.Tau / 168)))]);
    }
}
