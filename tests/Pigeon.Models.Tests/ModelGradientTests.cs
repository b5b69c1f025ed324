using Pigeon.Compiler;
using Pigeon.Models;
using Pigeon.Runtime;
using Xunit;

namespace Pigeon.Tests;

public class ModelGradientTests
{
    private const double DifferenceTolerance = 1e-6;
    private const double KernelTolerance = 1e-4;
    private static readonly int[] GraphSeeds = [1, 4, 8];

    private static readonly Dictionary<string, Func<Program>> Variants = new()
    {
        ["rgcn"] = () => Rgcn.Build(new RgcnOptions { Widths = [5, 4] }),
        ["rgcn add, two layers"] = () => Rgcn.Build(new RgcnOptions { Widths = [5, 6, 3], Aggregation = RgcnAggregation.Add, Activation = Activation.Tanh }),
        ["rgcn norm"] = () => Rgcn.Build(new RgcnOptions { Widths = [5, 4], Aggregation = RgcnAggregation.Norm, Bias = false }),
        ["rgcn bases"] = () => Rgcn.Build(new RgcnOptions { Widths = [5, 4], Bases = 2, RootWeight = false }),
        ["rgcn blocks"] = () => Rgcn.Build(new RgcnOptions { Widths = [6, 4], Blocks = 2 }),
        ["rgcn featureless"] = () => Rgcn.Build(new RgcnOptions { Widths = [1, 4], Featureless = true }),
        ["rgcn featureless bases"] = () => Rgcn.Build(new RgcnOptions { Widths = [1, 4], Featureless = true, Bases = 3 }),
        ["rgcn elu, no root"] = () => Rgcn.Build(new RgcnOptions { Widths = [3, 4, 4], Activation = Activation.Elu, RootWeight = false }),
        ["rgcn bases add, gelu"] = () => Rgcn.Build(new RgcnOptions { Widths = [3, 4, 2], Bases = 3, Aggregation = RgcnAggregation.Add, Activation = Activation.Gelu }),
        ["rgcn blocks norm"] = () => Rgcn.Build(new RgcnOptions { Widths = [4, 6], Blocks = 2, Aggregation = RgcnAggregation.Norm }),
        ["rgcn featureless, two layers"] = () => Rgcn.Build(new RgcnOptions { Widths = [1, 4, 3], Featureless = true, Activation = Activation.None }),
        ["rgat"] = () => Rgat.Build(new RgatOptions { Widths = [5, 4] }),
        ["rgat heads"] = () => Rgat.Build(new RgatOptions { Widths = [5, 6], Heads = 2 }),
        ["rgat within, mean"] = () => Rgat.Build(new RgatOptions { Widths = [5, 4], Heads = 2, Concat = false, Attention = RgatAttention.WithinRelation }),
        ["rgat mean, no bias"] = () => Rgat.Build(new RgatOptions { Widths = [5, 4], Heads = 3, Concat = false, Bias = false, NegativeSlope = 0.5 }),
        ["rgat within, two layers"] = () => Rgat.Build(new RgatOptions { Widths = [3, 4, 4], Heads = 2, Attention = RgatAttention.WithinRelation }),
        ["hgt"] = () => Hgt.Build(new HgtOptions { Widths = [4, 4], Heads = 2 }),
        ["hgt, widths differ"] = () => Hgt.Build(new HgtOptions { Widths = [5, 4] }),
        ["hgt, two layers"] = () => Hgt.Build(new HgtOptions { Widths = [4, 4, 4], Heads = 2 }),
    };

    public static TheoryData<string> Names => [.. Variants.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Gradient_equals_central_differences(string variant)
    {
        Program program = Variants[variant]();
        foreach (int seed in GraphSeeds)
        {
            double error = Gradients.Error(program, RandomGraphs.Create(seed).Binding, seed);
            Assert.True(error <= DifferenceTolerance, $"error {error} on graph {seed}");
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Gradient_kernels_equal_the_reference(string variant)
    {
        Program program = Differentiate.Run(Gradients.WithLoss(Variants[variant]()), "loss");
        CompiledProgram compiled = ProgramCompiler.Compile(program, new() { Cache = null });
        foreach (int seed in GraphSeeds)
        {
            HeteroGraph graph = RandomGraphs.Create(seed);
            var arguments = Differential.Arguments(program, graph.Binding, seed);
            var expected = Differential.Reference(program, graph.Binding, arguments);
            var actual = Differential.Compiled(compiled, graph.Binding, arguments, threads: 2);
            foreach ((string output, double[] values) in expected)
            {
                double error = Differential.Error(actual[output], values);
                Assert.True(error <= KernelTolerance, $"{output}: error {error} on graph {seed}");
            }
        }
    }
}
