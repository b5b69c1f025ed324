using Pigeon.Compiler;
using Pigeon.Datasets;
using Pigeon.Kernels;
using Pigeon.Models;
using Pigeon.Runtime;
using Pigeon.Simulator;
using Xunit;
using Xunit.Abstractions;

namespace Pigeon.Tests;

/// <summary>What a bound model asks of a device: launches of a step, and no copy in it. And AIFB, whole, on the simulator, as wide as <c>PIGEON_AIFB_WIDTH</c> says.</summary>
public sealed class LaunchTests(ITestOutputHelper output)
{
    private static readonly int Width = int.TryParse(Environment.GetEnvironmentVariable("PIGEON_AIFB_WIDTH"), out int width) ? width : 64;

    /// <summary>
    /// The launches of a run on a generated AIFB, 64 → 64. Aims for inference: RGCN 2, RGAT 3, HGT 5. There may be no more than now.
    /// </summary>
    [CudaTheory]
    [InlineData("rgcn", false, 2)]
    [InlineData("rgat", false, 2)]
    [InlineData("hgt", false, 3)]
    [InlineData("rgcn", true, 7)]
    [InlineData("rgat", true, 16)]
    [InlineData("hgt", true, 23)]
    public void Launches_of_a_step_are_counted_and_copies_are_none(string model, bool training, int most)
    {
        GraphBinding graph = DatasetRegistry.Open("gen:aifb@0.02", null).Graph.Binding;
        Program program = ModelPrograms.Create(model, training);
        (_, GpuProgram compiled) = GpuCompiler.Compile(program, DatasetRegistry.Open("gen:aifb", null).Graph.Binding, 80, fixedWeights: !training);
        using var device = new CountingDevice(new SimulatorDevice());
        using var executable = new GpuExecutable(compiled, graph, device);
        foreach ((string name, Tensor tensor) in SimulatorTests.Numbers(program, graph, 1))
        {
            executable.Set(name, tensor);
        }

        executable.Run();
        for (int step = 0; step < 2; step++)
        {
            device.Reset();
            executable.Run();
            Assert.Equal((executable.LaunchesPerRun, 0, 0, 0), (device.Launches, device.CopiesIn, device.CopiesOut, device.Allocations));
        }

        output.WriteLine($"{model}{(training ? ", training" : "")}: {executable.LaunchesPerRun} launches");
        Assert.InRange(executable.LaunchesPerRun, 1, most);
    }

    /// <summary>On hardware values that are alive at different times share memory, also where launches were moved and joined.</summary>
    [CudaTheory]
    [InlineData("rgcn", false, false)]
    [InlineData("rgat", false, false)]
    [InlineData("hgt", false, false)]
    [InlineData("rgcn", true, false)]
    [InlineData("rgat", true, false)]
    [InlineData("hgt", true, false)]
    [InlineData("rgcn", true, true)]
    [InlineData("hgt", true, true)]
    public void Values_that_share_memory_do_not_disturb_each_other(string model, bool training, bool atomics)
    {
        GraphBinding graph = DatasetRegistry.Open("gen:aifb@0.02", null).Graph.Binding;
        Program program = ModelPrograms.Create(model, training, 16, 16);
        (_, GpuProgram compiled) = GpuCompiler.Compile(program, DatasetRegistry.Open("gen:aifb", null).Graph.Binding, 80, fixedWeights: !training, atomicSums: atomics);
        (float[][] apart, long most) = Outputs(knowsBounds: true);
        (float[][] shared, long least) = Outputs(knowsBounds: false);
        Assert.Equal(apart, shared);
        Assert.True(training ? least < most : least <= most, $"{least} bytes, and {most} apart");

        (float[][], long) Outputs(bool knowsBounds)
        {
            using var device = new CountingDevice(new SimulatorDevice(), knowsBounds);
            using var executable = new GpuExecutable(compiled, graph, device);
            foreach ((string name, Tensor tensor) in SimulatorTests.Numbers(program, graph, 1))
            {
                executable.Set(name, tensor);
            }

            executable.Run();
            executable.Run();
            return ([.. program.Outputs.Select(o => executable.Output(o.Name).Span.ToArray())], executable.TotalBytes);
        }
    }

    [CudaTheory]
    [InlineData("rgcn")]
    [InlineData("rgat")]
    [InlineData("hgt")]
    public void AIFB_runs_whole_on_the_simulator(string model)
    {
        // The real graph where it is, else the generated one of its shape.
        string name = DataFactAttribute.Folder is { } folder && Path.Exists(Path.Combine(folder, "rdf", "aifb")) ? "aifb" : "gen:aifb";
        HeteroGraph graph = DatasetRegistry.Open(name, DataFactAttribute.Folder).Graph;
        Program program = ModelPrograms.Create(model, training: false, Width, Width);
        (_, GpuProgram compiled) = GpuCompiler.Compile(program, graph.Binding, 80);
        Dictionary<string, Tensor> arguments = Differential.Arguments(program, graph.Binding, 1);
        using var device = new SimulatorDevice();
        using var executable = new GpuExecutable(compiled, graph.Binding, device);
        foreach ((string argument, Tensor tensor) in arguments)
        {
            executable.Set(argument, tensor);
        }

        TimeSpan start = Environment.CpuUsage.TotalTime;
        executable.Run();
        TimeSpan time = Environment.CpuUsage.TotalTime - start;
        float[] y = executable.Output("y").Span.ToArray();
        double error = Differential.Error(y, Differential.Reference(program, graph.Binding, arguments)["y"]);
        output.WriteLine(FormattableString.Invariant(
            $"{model} on {name}, {graph.NodeCount} nodes, {graph.EdgeCount} edges: {device.Counters.Values.Sum(c => c.WarpInstructions) / 1e6:F1} million warp instructions, {time.TotalSeconds:F1} s of CPU time, error {error:E1}"));
        Assert.Equal((graph.NodeCount * Width, true), (y.Length, error <= 1e-5));
    }
}
