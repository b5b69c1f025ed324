using Pigeon.Compiler;
using Pigeon.Kernels;
using Pigeon.Runtime;
using Xunit;

namespace Pigeon.Tests;

/// <summary>Products with few columns and their weight gradients, whose vectors run along the columns of x.</summary>
public sealed class NarrowProductTests
{
    [Theory]
    [InlineData(16)]
    [InlineData(8)]
    [InlineData(4)]
    public void Narrow_products_are_exact_at_every_width(int lanes)
    {
        var p = new ProgramBuilder("narrow");
        foreach (int columns in new[] { 1, 2, 3, 4, 5, 8 })
        {
            Value x = p.Input($"x{columns}", HeteroSchema.Nodes, 64);
            Value y = p.Input($"y{columns}", HeteroSchema.Nodes, columns);
            Value w = p.Weight($"w{columns}", HeteroSchema.EdgeTypes, 64, columns);
            p.Return($"product{columns}", x.At(HeteroSchema.Src).Linear(w, HeteroSchema.EType));
            p.Return($"gradient{columns}", p.Add(new Operator.OuterSum(x.At(HeteroSchema.Src).Id, y.At(HeteroSchema.Dst).Id, HeteroSchema.EType)));
        }

        Program program = p.Build();
        CompiledProgram compiled = ProgramCompiler.Compile(program, new() { Lanes = lanes, Cache = null });
        Assert.Contains("VectorMath.Transpose", compiled.Source.Source, StringComparison.Ordinal);
        foreach (int seed in new[] { 1, 2, 5, 11 })
        {
            GraphBinding graph = RandomGraphs.Create(seed).Binding;
            var arguments = Differential.Arguments(program, graph, seed, integers: true);
            var expected = Differential.Reference(program, graph, arguments);
            var actual = Differential.Compiled(compiled, graph, arguments, threads: 2);
            Assert.All(expected, e => Assert.Null(Differential.Difference(actual[e.Key], e.Value)));
            foreach (Tensor tensor in arguments.Values)
            {
                tensor.Dispose();
            }
        }
    }

    /// <summary>Another number of threads puts a row into another tile, beside other rows.</summary>
    [Theory]
    [InlineData(16)]
    [InlineData(8)]
    [InlineData(4)]
    public void A_row_has_the_same_bits_for_any_number_of_threads(int lanes)
    {
        var p = new ProgramBuilder("narrow");
        foreach (int columns in new[] { 1, 2, 3, 5 })
        {
            p.Return($"y{columns}", p.Input($"x{columns}", HeteroSchema.Nodes, 70).At(HeteroSchema.Src).Linear(
                p.Weight($"w{columns}", HeteroSchema.EdgeTypes, 70, columns), HeteroSchema.EType));
        }

        Program program = p.Build();
        GeneratedProgram kernels = ProgramCompiler.Compile(program, new() { Lanes = lanes, Cache = null }).Load();
        GraphBinding graph = SoftmaxPrograms.Graph(0);
        var arguments = Differential.Arguments(program, graph, seed: 7);
        var one = Differential.Loaded(kernels, graph, arguments);
        foreach (int threads in new[] { 2, 3, 5 })
        {
            var actual = Differential.Loaded(kernels, graph, arguments, threads);
            Assert.All(one, output => Assert.Equal(output.Value, actual[output.Key]));
        }

        Array.ForEach([.. arguments.Values], tensor => tensor.Dispose());
    }
}
