using Pigeon.Compiler;
using Pigeon.Kernels;
using Pigeon.Runtime;
using Xunit;
using static Pigeon.Kernels.HeteroSchema;

namespace Pigeon.Tests;

/// <summary>Rows that the steps after a product write are asked for before it.</summary>
public sealed class ProductResultTests
{
    [Theory]
    [InlineData(16, 1, 64, true)]
    [InlineData(8, 3, 64, true)]
    [InlineData(8, 1, 8, false)]
    [InlineData(4, 1, 17, true)]
    public void Rows_that_steps_after_a_product_write_are_asked_for_if_they_are_long(int lanes, int threads, int n, bool asks)
    {
        var p = new ProgramBuilder("layer");
        Value sums = p.Input("s", Nodes, n).At(Src).Sum(Dst);
        p.Return("y", sums + p.Input("x", Nodes, 40).Linear(p.Weight("w", NodeTypes, 40, n), NType));
        Program program = p.Build();
        CompiledProgram compiled = ProgramCompiler.Compile(program, new() { Lanes = lanes, Threads = threads, Cache = null });
        Assert.Contains(compiled.Plan.Kernels, kernel => kernel.Contraction is not null && kernel.After.Count > 0);
        string row = $"(y{compiled.Plan.Program.Outputs[0].Value})";
        Assert.Equal(asks, new[] { "Prefetch", "PrefetchFour" }.Any(
            ask => compiled.Source.Source.Contains($"VectorMath.{ask}{row}", StringComparison.Ordinal)));
        foreach (GraphBinding graph in new[] { RandomGraphs.Create(5).Binding, RandomGraphs.Create(6).Binding })
        {
            var arguments = Differential.Arguments(program, graph, seed: 1, integers: true);
            IReadOnlyDictionary<string, double[]> expected = Differential.Reference(program, graph, arguments);
            Dictionary<string, float[]> actual = Differential.Loaded(compiled.Load(), graph, arguments, threads, leastShared: 8);
            Assert.Null(Differential.Difference(actual["y"], expected["y"]));
            foreach (Tensor tensor in arguments.Values)
            {
                tensor.Dispose();
            }
        }
    }
}
