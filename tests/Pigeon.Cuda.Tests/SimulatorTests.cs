using Pigeon.Compiler;
using Pigeon.Kernels;
using Pigeon.Runtime;
using Pigeon.Simulator;
using Xunit;

namespace Pigeon.Tests;

/// <summary>
/// The kernels that NVRTC made run on the simulator, with every check on and in a seeded order of warps and blocks, and give what the f64
/// evaluator gives. <c>PIGEON_CUDA_GRAPHS</c> sets how many random graphs, <c>PIGEON_CUDA_PROGRAMS</c> how many random programs.
/// </summary>
public sealed class SimulatorTests
{
    private const double Tolerance = 1e-5;

    private static readonly int Graphs = Setting("PIGEON_CUDA_GRAPHS", 3);
    private static readonly int Programs = Setting("PIGEON_CUDA_PROGRAMS", 4);

    public static TheoryData<string, bool, int, int, int> Models => new()
    {
        { "rgcn", false, 64, 64, 1 }, { "rgat", false, 8, 8, 2 }, { "hgt", false, 5, 6, 3 },
        { "rgcn", true, 5, 6, 1 }, { "rgat", true, 8, 8, 2 }, { "hgt", true, 8, 8, 2 },
    };

    public static TheoryData<string> Examples => [.. ExamplePrograms.All.Select(e => e.Name)];

    [CudaTheory]
    [MemberData(nameof(Models))]
    public void Models_agree_with_the_evaluator(string model, bool training, int inWidth, int outWidth, int heads)
    {
        Program program = ModelPrograms.Create(model, training, inWidth, outWidth, heads);
        var compiled = ModelPrograms.Compile(program);
        for (int seed = 0; seed < Graphs; seed++)
        {
            Assert.Null(Fault(program, compiled, seed, Tolerance, integers: false));
        }
    }

    [CudaTheory]
    [InlineData("epignn-min", true)]
    [InlineData("epignn-product", false)]
    [InlineData("tpgn", false)]
    [InlineData("tpgn", true)]
    public void Models_with_a_task_agree_with_the_evaluator_and_the_CPU(string model, bool training)
    {
        (Program program, GraphBinding batch) = ModelPrograms.OfTask(model, training);
        var compiled = ModelPrograms.Compile(program);
        Assert.Null(Fault(program, compiled, batch, seed: 1, Tolerance, integers: false));

        Dictionary<string, Tensor> arguments = Numbers(program, batch, 1);
        var cpu = Differential.Compiled(ProgramCompiler.Compile(program, new() { Cache = null }), batch, arguments);
        var simulated = Run(program, compiled, batch, arguments, seed: 2).Outputs;
        Assert.All(cpu, output => Assert.InRange(Differential.Error(simulated[output.Key], Array.ConvertAll(output.Value, x => (double)x)), 0, Tolerance));
    }

    [CudaFact]
    public void Rows_with_more_neighbours_than_a_group_takes_get_a_block()
    {
        const int edges = 700;
        int[] nodes = [.. Enumerable.Range(0, edges).Select(e => e % 13)];
        HeteroGraph graph = HeteroGraph.Create(["n"], [new EdgeType("r"), new EdgeType("s")], new int[13], nodes, [.. nodes.Select(_ => 3)],
            [.. nodes.Select(e => e % 2)]);
        Program program = ModelPrograms.Create("rgat", training: false, 8, 8, 2);
        Assert.Null(Fault(program, ModelPrograms.Compile(program), graph.Binding, seed: 1, Tolerance, integers: false));
    }

    [CudaTheory]
    [MemberData(nameof(Examples))]
    public void Every_case_of_the_language_agrees(string name)
    {
        Program program = ExamplePrograms.All.Single(e => e.Name == name).Parse();
        var compiled = ModelPrograms.Compile(program);
        Assert.All(new[] { 5, 11, 17 }, seed => Assert.Null(Fault(program, compiled, seed, Tolerance, integers: false)));
    }

    [CudaFact]
    public void Random_programs_agree_bit_for_bit()
    {
        for (int i = 0; i < Programs; i++)
        {
            Program program = RandomProgram.Create(1048 + i);
            var compiled = ModelPrograms.Compile(program);
            foreach (int seed in new[] { 5, 11 })
            {
                string? fault = Fault(program, compiled, seed, 0, integers: true);
                Assert.True(fault is null, $"program {1048 + i}: {fault}");
            }
        }
    }

    [CudaFact]
    public void Another_order_of_warps_gives_the_same_bits()
    {
        Program program = ModelPrograms.Create("rgcn", training: true, 5, 6);
        var compiled = ModelPrograms.Compile(program);
        GraphBinding graph = RandomGraphs.Create(3).Binding;
        var arguments = Numbers(program, graph, 3);
        var runs = Enumerable.Range(0, 3).Select(order => Run(program, compiled, graph, arguments, order).Outputs).ToArray();
        foreach (Output output in program.Outputs)
        {
            Assert.Equal(runs[0][output.Name], runs[1][output.Name]);
            Assert.Equal(runs[0][output.Name], runs[2][output.Name]);
        }
    }

    [CudaFact]
    public void Linked_outputs_are_the_next_arguments()
    {
        var p = new ProgramBuilder("count");
        p.Return("next", p.Weight("w", HeteroSchema.Nodes, 3) + 1);
        (CudaSource source, CompiledCuda compiled) = ModelPrograms.Compile(p.Build());
        using var device = new SimulatorDevice();
        using var executable = new GpuExecutable(new(source.Signature, compiled.Image), RandomGraphs.Create(1).Binding, device);
        executable.Link("next", "w");
        for (int step = 1; step <= 4; step++)
        {
            executable.Run();
            executable.Advance();
            Assert.All(executable.Argument("w").Span.ToArray(), x => Assert.Equal(step, x));
        }

        Assert.Equal(1, executable.LaunchesPerRun);
    }

    [CudaFact]
    public void What_was_not_given_is_refused()
    {
        var p = new ProgramBuilder("add");
        p.Return("y", p.Input("x", HeteroSchema.Nodes, 3) + 1);
        (CudaSource source, CompiledCuda compiled) = ModelPrograms.Compile(p.Build());
        using var device = new SimulatorDevice();
        using var executable = new GpuExecutable(new(source.Signature, compiled.Image), RandomGraphs.Create(1).Binding, device);
        using Tensor wrong = Tensor.Zeros([1, 2]);
        Assert.Equal("PG0222", Assert.Throws<PigeonException>(executable.Run).Diagnostic.Id);
        Assert.Equal("PG0220", Assert.Throws<PigeonException>(() => executable.Output("z")).Diagnostic.Id);
        Assert.Equal("PG0221", Assert.Throws<PigeonException>(() => executable.Set("x", wrong)).Diagnostic.Id);
    }

    private static string? Fault(Program program, (CudaSource, CompiledCuda) compiled, int seed, double tolerance, bool integers) =>
        Fault(program, compiled, RandomGraphs.Create(seed).Binding, seed, tolerance, integers);

    private static string? Fault(Program program, (CudaSource, CompiledCuda) compiled, GraphBinding graph, int seed, double tolerance, bool integers)
    {
        Dictionary<string, Tensor> arguments = integers
            ? Differential.Arguments(program, graph, seed, integers: true, RandomProgram.Bound)
            : Numbers(program, graph, seed);
        return Fault(program, compiled, graph, arguments, seed, tolerance, integers);
    }

    internal static string? Fault(Program program, (CudaSource, CompiledCuda) compiled, GraphBinding graph, Dictionary<string, Tensor> arguments,
        int seed, double tolerance, bool integers)
    {
        var expected = Differential.Reference(program, graph, arguments);
        (Dictionary<string, float[]> actual, IReadOnlyList<Finding> findings) = Run(program, compiled, graph, arguments, seed);
        if (findings.Count > 0)
        {
            return $"graph {seed}: {string.Join('\n', findings.Take(5))}";
        }

        foreach (string output in program.Outputs.Select(o => o.Name))
        {
            string? difference = integers ? Differential.Difference(actual[output], expected[output]) : null;
            double error = Differential.Error(actual[output], expected[output]);
            if (difference is not null || (!integers && !(error <= tolerance)))
            {
                return FormattableString.Invariant($"graph {seed}: {output}: {difference ?? $"error {error:E2}"}");
            }
        }

        return null;
    }

    private static (Dictionary<string, float[]> Outputs, IReadOnlyList<Finding> Findings) Run(Program program,
        (CudaSource Source, CompiledCuda Compiled) compiled, GraphBinding graph, Dictionary<string, Tensor> arguments, int seed)
    {
        using var device = new SimulatorDevice(new SimulatorOptions { Seed = seed }) { GoesOn = true };
        using var executable = new GpuExecutable(new(compiled.Source.Signature, compiled.Compiled.Image), graph, device);
        foreach ((string name, Tensor tensor) in arguments)
        {
            executable.Set(name, tensor);
        }

        // Twice: a second run must not see what the first one left behind.
        executable.Run();
        executable.Run();
        return (program.Outputs.ToDictionary(o => o.Name, o => executable.Output(o.Name).Span.ToArray()), [.. device.Faulty.SelectMany(launch => launch.Findings)]);
    }

    /// <summary>Random numbers, but such as an optimiser and a seed may have.</summary>
    internal static Dictionary<string, Tensor> Numbers(Program program, GraphBinding graph, int seed)
    {
        Dictionary<string, Tensor> numbers = Differential.Arguments(program, graph, seed);
        foreach ((string name, Tensor tensor) in numbers)
        {
            Span<float> values = tensor.Span;
            for (int i = 0; i < values.Length; i++)
            {
                values[i] = name == TrainingStep.StepInput ? new[] { 0.01f, 10f, 1000f }[i]
                    : name == "seed" ? 1000 * (i + 1)
                    : name.StartsWith("square.", StringComparison.Ordinal) ? Math.Abs(values[i]) : values[i];
            }
        }

        return numbers;
    }

    private static int Setting(string variable, int fallback) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), out int count) ? count : fallback;
}
