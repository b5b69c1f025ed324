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
}
