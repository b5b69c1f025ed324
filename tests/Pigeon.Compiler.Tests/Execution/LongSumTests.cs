using Pigeon.Compiler;
using Pigeon.Kernels;
using Pigeon.Runtime;
using Xunit;

namespace Pigeon.Tests;

public class LongSumTests
{
    private const int Rows = 200_003;
    private const double Tolerance = 5e-6;

    /// <summary>The same number many times: each addition to the same sum would be rounded in the same direction.</summary>
    [Theory]
    [InlineData(1, 16)]
    [InlineData(1, 8)]
    [InlineData(2, 4)]
    [InlineData(3, 8)]
    public void Sums_of_many_rows_keep_their_digits(int threads, int lanes)
    {
        var builder = new ProgramBuilder("long");
        Value x = builder.Input("x", HeteroSchema.Nodes, 9);
        var one = new Map.Unit(HeteroSchema.Nodes);
        builder.Return("loss", Losses.Mean(x * x));
        builder.Return("sum", x.Sum(one));
        builder.Return("mean", (x + 1.0).Reduce(one, ReduceKind.Mean));
        builder.Return("most", x.Reduce(one, ReduceKind.Max));
        Program program = builder.Build();
        var graph = new GraphBinding(new Dictionary<string, int> { ["Nodes"] = Rows }, new Dictionary<string, int[]>());
        float[] numbers = new float[Rows * 9];
        Array.Fill(numbers, 1.1f);
        numbers[^1] = 3;
        var arguments = new Dictionary<string, Tensor> { ["x"] = Tensor.From(numbers, Rows, 9) };
        CompiledProgram compiled = ProgramCompiler.Compile(program, new() { Cache = null, Lanes = lanes, Threads = threads });
        var actual = Differential.Compiled(compiled, graph, arguments, threads);
        foreach ((string output, double[] expected) in Differential.Reference(program, graph, arguments))
        {
            double error = Differential.Error(actual[output], expected);
            Assert.True(error <= Tolerance, $"{output}: error {error}");
        }
    }

    /// <summary>What is not a number in the sum is what the terms make it.</summary>
    [Fact]
    public void A_sum_with_an_infinite_term_is_infinite()
    {
        var builder = new ProgramBuilder("long");
        builder.Return("sum", builder.Input("x", HeteroSchema.Nodes, 2).Sum(new Map.Unit(HeteroSchema.Nodes)));
        const int rows = 20_000;
        float[] numbers = new float[rows * 2];
        (numbers[600], numbers[601], numbers[603]) = (float.PositiveInfinity, float.PositiveInfinity, float.NegativeInfinity);
        var graph = new GraphBinding(new Dictionary<string, int> { ["Nodes"] = rows }, new Dictionary<string, int[]>());
        CompiledProgram compiled = ProgramCompiler.Compile(builder.Build(), new() { Cache = null });
        float[] sum = Differential.Compiled(compiled, graph, new() { ["x"] = Tensor.From(numbers, rows, 2) }, threads: 1)["sum"];
        Assert.Equal([float.PositiveInfinity, float.NaN], sum);
    }
}
