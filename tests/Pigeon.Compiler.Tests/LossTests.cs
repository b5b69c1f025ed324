using Pigeon.Compiler;
using Pigeon.Kernels;
using Pigeon.Runtime;
using Xunit;

namespace Pigeon.Tests;

public sealed class LossTests
{
    private static readonly GraphBinding Rows = new(new Dictionary<string, int> { ["Rows"] = 5 }, new Dictionary<string, int[]>());
    private static readonly IndexSpace Space = new IndexSpace.Declared("Rows");

    private static readonly Dictionary<string, (Func<Value, Value, Value> Loss, Func<double[], double[], double> Plain, int Width)> Cases = new()
    {
        ["sampled"] = ((x, y) => Losses.SampledCrossEntropy(x.Slice(0, 0, 1), y), (x, y) => Rowwise(x, y, 4, (a, b) =>
            Math.Log(Math.Exp(a[0]) + b.Sum(Math.Exp)) - a[0]), 4),
        ["cross-entropy"] = ((x, y) => Losses.CrossEntropy(x, y, y.RowReduce(ReduceKind.Sum, 0) + 4), (x, y) => WeightedCrossEntropy(x, y, 3), 3),
        ["margin"] = ((x, y) => Losses.MarginRanking(x, y, 0.5), (x, y) => x.Zip(y, (a, b) => Math.Max(0, 0.5 - (a - b))).Average(), 3),
        ["binary"] = ((x, y) => Losses.BinaryCrossEntropy(x, y.Unary(UnaryFunction.Sigmoid)), (x, y) => x.Zip(y, (a, b) =>
            Math.Log(1 + Math.Exp(a)) - (a / (1 + Math.Exp(-b)))).Average(), 3),
        ["squared"] = (Losses.MeanSquaredError, (x, y) => x.Zip(y, (a, b) => (a - b) * (a - b)).Average(), 3),
        ["absolute"] = (Losses.MeanAbsoluteError, (x, y) => x.Zip(y, (a, b) => Math.Abs(a - b)).Average(), 3),
    };

    public static TheoryData<string> Names => [.. Cases.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Loss_equals_its_formula(string name)
    {
        Program program = Build(name);
        var arguments = Differential.Arguments(program, Rows, 3);
        double expected = Cases[name].Plain(Numbers(arguments["x"]), Numbers(arguments["y"]));
        Assert.Equal(expected, Differential.Reference(program, Rows, arguments)["loss"][0], 1e-12);
        float[] actual = Differential.Compiled(ProgramCompiler.Compile(program, new() { Cache = null }), Rows, arguments)["loss"];
        Assert.Equal(expected, actual[0], 1e-5);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Gradient_equals_central_differences(string name) => Assert.InRange(Gradients.Error(Build(name), Rows, 3), 0, 1e-6);

    [Theory]
    [MemberData(nameof(Names))]
    public void Gradient_kernels_equal_the_reference(string name)
    {
        Program program = Differentiate.Run(Build(name), "loss", ["x", "y"]);
        var arguments = Differential.Arguments(program, Rows, 3);
        var actual = Differential.Compiled(ProgramCompiler.Compile(program, new() { Cache = null }), Rows, arguments, threads: 2);
        foreach ((string output, double[] expected) in Differential.Reference(program, Rows, arguments))
        {
            Assert.InRange(Differential.Error(actual[output], expected), 0, 1e-4);
        }
    }

    [Theory]
    [InlineData("cross-entropy")]
    [InlineData("binary")]
    public void No_logit_overflows(string name)
    {
        Program program = Differentiate.Run(Build(name), "loss", ["x"]);
        var arguments = Differential.Arguments(program, Rows, 1);
        foreach (ref float x in arguments["x"].Span)
        {
            x *= 1e30f;
        }

        var actual = Differential.Compiled(ProgramCompiler.Compile(program, new() { Cache = null }), Rows, arguments);
        Assert.All(actual.Values.SelectMany(numbers => numbers), number => Assert.True(float.IsFinite(number), $"{number}"));
    }

    [Fact]
    public void A_row_of_weight_zero_counts_for_nothing()
    {
        const int classes = 4;
        var p = new ProgramBuilder("loss");
        p.Return("loss", Losses.CrossEntropy(p.Input("x", Space, classes), p.Input("y", Space, classes), p.Input("w", Space, 1)));
        Program program = Differentiate.Run(p.Build(), "loss", ["x"]);
        var arguments = Differential.Arguments(program, Rows, 1);
        arguments["w"].Span[0] = 0;
        double[] gradient = Differential.Reference(program, Rows, arguments)["grad.x"];
        Assert.All(gradient[..classes], g => Assert.Equal(0, g));
        Assert.Contains(gradient[classes..], g => g != 0);
    }

    [Fact]
    public void Sampled_loss_of_large_scores_is_finite()
    {
        Program program = Build("sampled");
        var arguments = new Dictionary<string, Tensor>
        {
            ["x"] = Tensor.From([.. Enumerable.Repeat(-900f, 20)], 5, 4),
            ["y"] = Tensor.From([.. Enumerable.Repeat(900f, 20)], 5, 4),
        };
        float[] loss = Differential.Compiled(ProgramCompiler.Compile(program, new() { Cache = null }), Rows, arguments)["loss"];
        Assert.Equal(1800 + Math.Log(4), loss[0], 1e-3);
    }

    private static Program Build(string name)
    {
        var p = new ProgramBuilder("loss");
        int width = Cases[name].Width;
        p.Return("loss", Cases[name].Loss(p.Input("x", Space, width), p.Input("y", Space, width)));
        return p.Build();
    }

    /// <summary>Row i weighs 4 + Σ_c t_ic; its targets need not add up to 1.</summary>
    private static double WeightedCrossEntropy(double[] x, double[] t, int width)
    {
        (double Weight, double Loss)[] rows = [.. x.Chunk(width).Zip(t.Chunk(width), (a, b) =>
            (4 + b.Sum(), b.Zip(a, (target, logit) => target * (Math.Log(a.Sum(Math.Exp)) - logit)).Sum()))];
        return rows.Sum(row => row.Weight * row.Loss) / rows.Sum(row => row.Weight);
    }

    private static double[] Numbers(Tensor tensor) => Array.ConvertAll(tensor.Span.ToArray(), x => (double)x);

    private static double Rowwise(double[] x, double[] y, int width, Func<double[], double[], double> row) =>
        x.Chunk(width).Zip(y.Chunk(width), row).Average();
}
