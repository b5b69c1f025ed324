using Pigeon.Compiler;
using Pigeon.Kernels;
using Xunit;

namespace Pigeon.Tests;

public class LossTests
{
    private const int Classes = 4;
    private const double DifferenceTolerance = 1e-6;
    private const double KernelTolerance = 1e-4;

    /// <summary>A loss and its definition in plain loops, over the inputs x, t and, with one number a row, w.</summary>
    private static readonly Dictionary<string, (Func<Value, Value, Value, Value> Program, Func<double[], double[], double[], double> Formula)>
        Losses = new()
        {
            ["cross-entropy"] = (Compiler.Losses.CrossEntropy, CrossEntropy),
            ["binary cross-entropy"] = ((x, t, _) => Compiler.Losses.BinaryCrossEntropy(x, t), Mean((x, t) =>
                -(t * Math.Log(1 / (1 + Math.Exp(-x)))) - ((1 - t) * Math.Log(1 - (1 / (1 + Math.Exp(-x))))))),
            ["squared error"] = ((x, t, _) => Compiler.Losses.MeanSquaredError(x, t), Mean((x, t) => Math.Pow(x - t, 2))),
            ["absolute error"] = ((x, t, _) => Compiler.Losses.MeanAbsoluteError(x, t), Mean((x, t) => Math.Abs(x - t))),
            ["margin ranking"] = ((x, t, _) => Compiler.Losses.MarginRanking(x, t, 0.5), Mean((x, t) => Math.Max(0, 0.5 - x + t))),
        };

    public static TheoryData<string> Names => [.. Losses.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Loss_equals_the_formula(string name)
    {
        Program program = Build(name);
        foreach (int seed in new[] { 1, 2, 4 })
        {
            GraphBinding graph = RandomGraphs.Create(seed).Binding;
            var arguments = Differential.Arguments(program, graph, seed);
            var numbers = Differential.Doubles(arguments);
            double[] weights = numbers.TryGetValue("w", out double[]? w) ? w : [];
            double expected = Losses[name].Formula(numbers["x"], numbers["t"], weights);
            Assert.Equal(expected, Differential.Reference(program, graph, arguments)["loss"][0], 1e-12);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Gradient_equals_central_differences_and_kernels_equal_the_gradient(string name)
    {
        Program program = Build(name);
        Program differentiated = Differentiate.Run(program, "loss", ["x", "t"]);
        GeneratedProgram kernels = ProgramCompiler.Compile(differentiated, new() { Cache = null }).Load();
        foreach (int seed in new[] { 1, 2, 4 })
        {
            GraphBinding graph = RandomGraphs.Create(seed).Binding;
            double error = Gradients.Error(program, graph, seed);
            Assert.True(error <= DifferenceTolerance, $"error {error} on graph {seed}");

            var arguments = Differential.Arguments(differentiated, graph, seed);
            var actual = Differential.Loaded(kernels, graph, arguments, threads: 2);
            foreach ((string output, double[] expected) in Differential.Reference(differentiated, graph, arguments))
            {
                double difference = Differential.Error(actual[output], expected);
                Assert.True(difference <= KernelTolerance, $"{output}: error {difference} on graph {seed}");
            }
        }
    }

    [Theory]
    [InlineData("cross-entropy")]
    [InlineData("binary cross-entropy")]
    public void No_logit_overflows(string name)
    {
        Program program = Differentiate.Run(Build(name), "loss", ["x"]);
        GraphBinding graph = RandomGraphs.Create(1).Binding;
        var arguments = Differential.Arguments(program, graph, 1);
        foreach (ref float x in arguments["x"].Span)
        {
            x *= 1e30f;
        }

        var actual = Differential.Compiled(ProgramCompiler.Compile(program, new() { Cache = null }), graph, arguments);
        Assert.All(actual.Values.SelectMany(numbers => numbers), number => Assert.True(float.IsFinite(number), $"{number}"));
    }

    [Fact]
    public void A_row_of_weight_zero_counts_for_nothing()
    {
        Program program = Differentiate.Run(Build("cross-entropy"), "loss", ["x"]);
        GraphBinding graph = RandomGraphs.Create(1).Binding;
        var arguments = Differential.Arguments(program, graph, 1);
        arguments["w"].Span[0] = 0;
        double[] gradient = Differential.Reference(program, graph, arguments)["grad.x"];
        Assert.All(gradient[..Classes], g => Assert.Equal(0, g));
        Assert.Contains(gradient[Classes..], g => g != 0);
    }

    private static Program Build(string name)
    {
        var builder = new ProgramBuilder("loss");
        Value x = builder.Input("x", HeteroSchema.Nodes, Classes);
        Value t = builder.Input("t", HeteroSchema.Nodes, Classes);
        Value w = name == "cross-entropy" ? builder.Input("w", HeteroSchema.Nodes, 1) : x;
        builder.Return("loss", Losses[name].Program(x, t, w));
        return builder.Build();
    }

    private static Func<double[], double[], double[], double> Mean(Func<double, double, double> one) =>
        (x, t, _) => x.Zip(t, one).Average();

    private static double CrossEntropy(double[] x, double[] t, double[] w)
    {
        double sum = 0;
        for (int i = 0; i < w.Length; i++)
        {
            double[] row = x[(i * Classes)..((i + 1) * Classes)];
            sum += w[i] * Enumerable.Range(0, Classes).Sum(c => t[(i * Classes) + c] * (Math.Log(row.Sum(Math.Exp)) - row[c]));
        }

        return sum / w.Sum();
    }
}
