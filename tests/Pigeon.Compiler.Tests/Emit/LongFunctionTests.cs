using Pigeon.Compiler;
using Pigeon.Kernels;
using Pigeon.Runtime;
using Xunit;
using static Pigeon.Kernels.HeteroSchema;

namespace Pigeon.Tests;

/// <summary>Functions of many instructions are not written once for each vector of a row.</summary>
public sealed class LongFunctionTests
{
    [Theory]
    [InlineData(8, 64)]
    [InlineData(8, 19)]
    [InlineData(4, 47)]
    [InlineData(16, 70)]
    public void A_function_of_many_instructions_stands_in_a_loop(int lanes, int n)
    {
        var p = new ProgramBuilder("layer");
        p.Return("y", Nn.Gelu(p.Input("x", Nodes, n)));
        Check(p.Build(), lanes, "Erf");
    }

    [Theory]
    [InlineData(8)]
    [InlineData(4)]
    public void So_it_does_where_rows_have_two_axes(int lanes)
    {
        var p = new ProgramBuilder("heads");
        p.Return("y", (p.Input("x", Nodes, 7, 10) * p.Input("w", Nodes, 7, 1)).Unary(UnaryFunction.Sigmoid));
        Check(p.Build(), lanes, "Sigmoid");
    }

    private static void Check(Program program, int lanes, string function)
    {
        CompiledProgram compiled = ProgramCompiler.Compile(program, new() { Lanes = lanes, Threads = 1, Cache = null });
        Assert.InRange(compiled.Source.Source.Split($"VectorMath.{function}(").Length - 1, 1, 6);
        GraphBinding graph = RandomGraphs.Create(5).Binding;
        Dictionary<string, Tensor> arguments = Differential.Arguments(program, graph, seed: 1);
        IReadOnlyDictionary<string, double[]> expected = Differential.Reference(program, graph, arguments);
        Dictionary<string, float[]> actual = Differential.Loaded(compiled.Load(), graph, arguments, threads: 1, leastShared: 8);
        foreach ((string name, double[] values) in expected)
        {
            Assert.All(values.Zip(actual[name]), pair => Assert.Equal(pair.First, pair.Second, 1e-5));
        }

        foreach (Tensor tensor in arguments.Values)
        {
            tensor.Dispose();
        }
    }
}
