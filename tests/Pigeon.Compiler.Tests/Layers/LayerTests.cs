using Pigeon.Compiler;
using Pigeon.Kernels;
using Pigeon.Runtime;
using Xunit;

namespace Pigeon.Tests;

/// <summary>
/// The models' layers at many dims and heads, each compiled once and bound to many graphs: 25 programs on 9 graphs each for the
/// error, 3 on 8 graphs in every way that a program can be compiled for the bits.
/// </summary>
public sealed class LayerTests
{
    private const double Tolerance = 1e-5;

    [Theory]
    [InlineData(1, 1)]
    [InlineData(3, 17)]
    [InlineData(17, 3)]
    [InlineData(64, 64)]
    [InlineData(100, 1)]
    [InlineData(1, 100)]
    [InlineData(256, 64)]
    [InlineData(17, 256)]
    public void Rgcn_equals_the_evaluator(int inWidth, int outWidth) => Check(Layers.Rgcn(inWidth, outWidth));

    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(3, 17, 2)]
    [InlineData(17, 3, 8)]
    [InlineData(64, 16, 4)]
    [InlineData(5, 100, 1)]
    [InlineData(100, 1, 4)]
    [InlineData(5, 256, 1)]
    [InlineData(256, 8, 8)]
    [InlineData(3, 64, 2)]
    public void Rgat_equals_the_evaluator(int inWidth, int width, int heads) => Check(Layers.Rgat(inWidth, width, heads));

    [Theory]
    [InlineData(1, 1)]
    [InlineData(3, 2)]
    [InlineData(17, 1)]
    [InlineData(17, 8)]
    [InlineData(16, 4)]
    [InlineData(100, 1)]
    [InlineData(64, 2)]
    [InlineData(3, 8)]
    public void Hgt_equals_the_evaluator(int width, int heads) => Check(Layers.Hgt(width, heads));

    public static TheoryData<string, int> Ways
    {
        get
        {
            var ways = new TheoryData<string, int>();
            foreach (string name in Exact.Keys)
            {
                foreach (int lanes in new[] { 16, 8, 4 })
                {
                    ways.Add(name, lanes);
                }
            }

            return ways;
        }
    }

    private static readonly Dictionary<string, Program> Exact = new()
    {
        ["rgcn"] = Layers.Rgcn(17, 33, exact: true),
        ["rgat"] = Layers.Rgat(5, 7, 3, exact: true),
        ["hgt"] = Layers.Hgt(3, 2, exact: true),
    };

    [Theory]
    [MemberData(nameof(Ways))]
    public void Integers_give_the_same_bits_in_every_way(string name, int lanes)
    {
        Program program = Exact[name];
        foreach (bool fuse in new[] { true, false })
        {
            GeneratedProgram kernels = ProgramCompiler.Compile(program, new() { Lanes = lanes, Fuse = fuse, Cache = null }).Load();
            foreach (int seed in new[] { 1, 2, 3, 4, 5, 11, 17, 22 })
            {
                GraphBinding graph = RandomGraphs.Create(seed).Binding;
                var arguments = Differential.Arguments(program, graph, seed, integers: true, bound: 1);
                double[] expected = Differential.Reference(program, graph, arguments)["y"];
                foreach (int threads in new[] { 1, 2 })
                {
                    Assert.Null(Differential.Difference(Differential.Loaded(kernels, graph, arguments, threads)["y"], expected));
                }
            }
        }
    }

    private static void Check(Program program)
    {
        GeneratedProgram kernels = ProgramCompiler.Compile(program, new() { Cache = null }).Load();
        foreach (int seed in new[] { 1, 2, 3, 4, 6, 7, 8, 11, 17 })
        {
            GraphBinding graph = RandomGraphs.Create(seed).Binding;
            var arguments = Differential.Arguments(program, graph, seed);
            double[] expected = Differential.Reference(program, graph, arguments)["y"];
            double error = Differential.Error(Differential.Loaded(kernels, graph, arguments, threads: 2)["y"], expected);
            Assert.True(error <= Tolerance, $"error {error} on graph {seed}");
            foreach (Tensor tensor in arguments.Values)
            {
                tensor.Dispose();
            }
        }
    }
}
