using Pigeon.Compiler;
using Pigeon.Kernels;
using Pigeon.Runtime;
using Xunit;

namespace Pigeon.Tests;

public class GradientKernelTests
{
    private const double Tolerance = 1e-4;

    [Theory]
    [MemberData(nameof(GradientTests.CompiledOperators), MemberType = typeof(GradientTests))]
    public void Gradient_kernels_equal_the_reference(string name, int shape)
    {
        Program program = Gradients.WithLoss(GradientTests.Build(name, shape));
        Check(Differentiate.Run(program, "loss", Gradients.NamesOf(program)), shape);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Weight_gradient_is_exact_for_any_number_of_threads(int threads)
    {
        var builder = new ProgramBuilder("outer");
        Value x = builder.Input("x", HeteroSchema.Nodes, 2, 7);
        Value y = builder.Input("y", HeteroSchema.Nodes, 2, 37);
        builder.Return("typed", builder.Add(new Operator.OuterSum(x.At(HeteroSchema.Src).Id, y.At(HeteroSchema.Dst).Id, HeteroSchema.EType)));
        builder.Return("blocks", builder.Add(new Operator.OuterSum(x.Id, y.Id, new Map.Unit(HeteroSchema.Nodes), Blocks: true)));
        builder.Return("nodes", builder.Add(new Operator.OuterSum(x.Id, y.Id, HeteroSchema.NType)));
        Program program = builder.Build();
        CompiledProgram compiled = ProgramCompiler.Compile(program, new() { Cache = null });
        for (int seed = 0; seed < 30; seed++)
        {
            HeteroGraph graph = RandomGraphs.Create(seed);
            var arguments = Differential.Arguments(program, graph.Binding, seed, integers: true);
            var expected = Differential.Reference(program, graph.Binding, arguments);
            var actual = Differential.Compiled(compiled, graph.Binding, arguments, threads);
            foreach ((string output, double[] values) in expected)
            {
                Assert.Equal(Array.ConvertAll(values, v => (float)v), actual[output]);
            }
        }
    }

    private static void Check(Program program, int seed)
    {
        CompiledProgram compiled = ProgramCompiler.Compile(program, new() { Cache = null });
        HeteroGraph graph = RandomGraphs.Create(seed + 3);
        var arguments = Differential.Arguments(program, graph.Binding, seed);
        var expected = Differential.Reference(program, graph.Binding, arguments);
        var actual = Differential.Compiled(compiled, graph.Binding, arguments, threads: 2);
        foreach ((string output, double[] values) in expected)
        {
            double error = Differential.Error(actual[output], values);
            Assert.True(error <= Tolerance, $"{output}: error {error}\n{compiled.Plan}");
        }
    }
}
