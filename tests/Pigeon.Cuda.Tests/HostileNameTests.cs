using Pigeon.Compiler;
using Pigeon.Kernels;
using Pigeon.Runtime;
using Pigeon.Simulator;
using Xunit;

namespace Pigeon.Tests;

/// <summary>Whatever weights, spaces, maps, relations and programs are called, kernels compute the same, on the CPU and on the simulator.</summary>
public sealed class HostileNameTests
{
    private static readonly string[] Hostile = HostileNames.All;
    private static readonly string[] Plain = [.. Hostile.Select((_, i) => $"n{i}")];

    [Fact]
    public void Weights_spaces_and_maps_mean_the_same_on_the_CPU() => Agree((program, graph, arguments) =>
        Differential.Compiled(ProgramCompiler.Compile(program), graph, arguments));

    [CudaFact]
    public void Weights_spaces_and_maps_mean_the_same_on_the_simulator() => Agree(Simulated);

    [Fact]
    public void Programs_whose_names_are_alike_stay_apart_on_the_CPU() => StayApart((program, graph, arguments) =>
        Differential.Compiled(ProgramCompiler.Compile(program), graph, arguments));

    [CudaFact]
    public void Programs_whose_names_are_alike_stay_apart_on_the_simulator() => StayApart(Simulated);

    [CudaTheory]
    [InlineData("rgcn")]
    [InlineData("rgat")]
    [InlineData("hgt")]
    public void Relations_and_node_types_may_be_called_anything(string model)
    {
        HeteroGraph plain = RandomGraphs.Create(4);
        EdgeType[] relations = [.. plain.EdgeTypes.Select((_, i) => new EdgeType(Hostile[i]))];
        var hostile = HeteroGraph.Create([.. plain.NodeTypes.Select((_, i) => Hostile[i])], relations, plain.NodeType, plain.Source, plain.Destination,
            plain.EdgeTypeOf);
        Program program = ModelPrograms.Create(model, training: false, 4, 4);
        Dictionary<string, Tensor> arguments = Differential.Arguments(program, plain.Binding, 3);
        Assert.Equal(Simulated(program, plain.Binding, arguments), Simulated(program, hostile.Binding, arguments));
        CompiledProgram compiled = ProgramCompiler.Compile(program, new() { Graph = hostile.Binding });
        Assert.Equal(Differential.Compiled(compiled, plain.Binding, arguments), Differential.Compiled(compiled, hostile.Binding, arguments));
    }

    [Fact]
    public void Tensors_in_files_keep_their_names()
    {
        string path = Path.GetTempFileName();
        try
        {
            SafetensorsFile.Write(path, Hostile.ToDictionary(name => name, name => Tensor.From([name.Length], 1)));
            using SafetensorsFile file = SafetensorsFile.Open(path);
            Assert.All(Hostile, name => Assert.Equal(name.Length, file.Read(name).Span[0]));
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static void Agree(Func<Program, GraphBinding, Dictionary<string, Tensor>, Dictionary<string, float[]>> run)
    {
        (Program hostile, GraphBinding hostileGraph) = Create(Hostile);
        (Program plain, GraphBinding plainGraph) = Create(Plain);
        Dictionary<string, Tensor> arguments = Differential.Arguments(plain, plainGraph, 1);
        var renamed = arguments.ToDictionary(a => a.Key == "x" ? a.Key : Hostile[Array.IndexOf(Plain, a.Key)], a => a.Value);
        Dictionary<string, float[]> expected = run(plain, plainGraph, arguments);
        Dictionary<string, float[]> actual = run(hostile, hostileGraph, renamed);
        Assert.Equal(Plain.Length, expected.Values.Select(y => y[0]).Distinct().Count());
        Assert.All(Plain.Zip(Hostile), pair => Assert.Equal(expected[pair.First], actual[pair.Second]));
    }

    private static void StayApart(Func<Program, GraphBinding, Dictionary<string, Tensor>, Dictionary<string, float[]>> run)
    {
        GraphBinding graph = RandomGraphs.Create(1).Binding;
        for (int i = 0; i < Hostile.Length; i += 5)
        {
            var p = new ProgramBuilder(Hostile[i]);
            p.Return(Hostile[i], p.Input(Hostile[i], HeteroSchema.Nodes, 1) * i);
            Dictionary<string, float[]> y = run(p.Build(), graph, new() { [Hostile[i]] = Filled(graph.SizeOf(HeteroSchema.Nodes)) });
            Assert.All(y[Hostile[i]], number => Assert.Equal(i, number));
        }
    }

    /// <summary>A product with a weight, along a map to a space, for each name, which is an output's too.</summary>
    private static (Program Program, GraphBinding Graph) Create(string[] names)
    {
        const int rows = 6;
        var p = new ProgramBuilder(names[0]);
        var sizes = new Dictionary<string, int>();
        var maps = new Dictionary<string, int[]>();
        Value x = p.Input("x", HeteroSchema.Nodes, 4);
        GraphBinding graph = RandomGraphs.Create(2).Binding;
        for (int i = 0; i < names.Length; i++)
        {
            var types = new IndexSpace.Declared(names[i]);
            (sizes[names[i]], maps[names[i]]) = (rows, [.. Enumerable.Range(0, graph.SizeOf(HeteroSchema.Nodes)).Select(n => (n + i) % rows)]);
            p.Return(names[i], x * p.Weight(names[i], types, 4).At(new Map.Stored(names[i], HeteroSchema.Nodes, types)));
        }

        return (p.Build(), graph.With(sizes, maps));
    }

    private static Dictionary<string, float[]> Simulated(Program program, GraphBinding graph, Dictionary<string, Tensor> arguments)
    {
        (CudaSource source, CompiledCuda compiled) = ModelPrograms.Compile(program);
        using var device = new SimulatorDevice();
        using var executable = new GpuExecutable(new(source.Signature, compiled.Image), graph, device);
        foreach ((string name, Tensor tensor) in arguments)
        {
            executable.Set(name, tensor);
        }

        executable.Run();
        return program.Outputs.ToDictionary(o => o.Name, o => executable.Output(o.Name).Span.ToArray());
    }

    private static Tensor Filled(long rows)
    {
        Tensor tensor = Tensor.Zeros(rows, 1);
        tensor.Span.Fill(1);
        return tensor;
    }
}
