using Pigeon.Datasets;
using Pigeon.Kernels;
using Pigeon.Models;
using Pigeon.Runtime;
using Pigeon.Simulator;
using Xunit;

namespace Pigeon.Tests;

/// <summary>The trainer is the same for every device.</summary>
public sealed class TrainingTests
{
    private const int Nodes = 24;

    [CudaTheory]
    [InlineData("rgcn", 0)]
    [InlineData("rgat", 0.3)]
    public void Losses_on_the_simulator_are_those_of_the_CPU_for_every_order_of_warps(string model, double dropout)
    {
        NodeClassification task = Task(model, dropout);
        TrainingResult cpu = task.Train(seed: 3);
        TrainingResult[] simulated = [.. Enumerable.Range(0, 2).Select(order =>
        {
            using var device = new SimulatorDevice(new SimulatorOptions { Seed = order });
            return task.Train(seed: 3, new() { Device = device });
        })];
        Assert.Equal("simulator", simulated[0].Record.Identity.Device);
        Assert.Equal(Losses(simulated[0]), Losses(simulated[1]));
        Assert.Equal(simulated[0].Test!.Figures.ToArray(), simulated[1].Test!.Figures.ToArray());
        Assert.Equal(5, simulated[0].Record.History.Length);
        Assert.All(Losses(cpu).Zip(Losses(simulated[0])), pair => Assert.InRange(Math.Abs(pair.First - pair.Second), 0, 2e-5 * Math.Max(1, pair.First)));
        Assert.True(Losses(cpu)[^1] < Losses(cpu)[0]);
    }

    [CudaFact]
    public void A_run_is_continued_on_its_own_device_alone()
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("pigeon-train");
        try
        {
            NodeClassification task = Task("rgcn", 0);
            using var device = new SimulatorDevice();
            double[] whole = Losses(task.Train(seed: 1, new() { Device = device }));
            double[] half = Losses(Task("rgcn", 0, epochs: 2).Train(seed: 1, new() { Device = device, Folder = folder.FullName }));
            Assert.Equal(whole[..2], half);
            var refused = Assert.Throws<PigeonException>(() => task.Train(seed: 1, new() { Folder = folder.FullName, Resume = true }));
            Assert.Equal("PG0254", refused.Diagnostic.Id);
            Assert.Equal(whole, Losses(task.Train(seed: 1, new() { Device = device, Folder = folder.FullName, Resume = true })));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static double[] Losses(TrainingResult result) => [.. result.Record.History.Select(epoch => epoch.Loss)];

    private static NodeClassification Task(string model, double dropout, int epochs = 5)
    {
        int[] all = [.. Enumerable.Range(0, Nodes)];
        var graph = HeteroGraph.Create(Nodes, ["next", "opposite"], [.. all, .. all], [.. all.Select(v => (v + 2) % Nodes), .. all.Select(v => (v * 5) % Nodes)],
            [.. all.Select(v => v % 2), .. all.Select(_ => 1)]);
        LabelledNodes Split(int from) => LabelledNodes.Create([.. all.Where(v => v % 3 == from)], [.. all.Where(v => v % 3 == from).Select(v => v % 2)]);
        var recipe = new Recipe
        {
            Model = model,
            Dataset = "ring",
            Task = new NodeClassificationSettings { Embedding = 8, Dropout = dropout },
            Epochs = epochs,
        };
        return new(new("ring", graph, "generated") { Labels = new(["even", "odd"], Split(0), Split(1), Split(2)) }, recipe);
    }
}
