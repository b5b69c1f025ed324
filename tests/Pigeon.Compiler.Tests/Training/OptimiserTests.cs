using Pigeon.Compiler;
using Pigeon.Kernels;
using Pigeon.Runtime;
using Xunit;

namespace Pigeon.Tests;

public class OptimiserTests
{
    private const int Steps = 6;
    private const double LearningRate = 0.05;
    private static readonly GraphBinding Graph = RandomGraphs.Create(2).Binding;

    private static readonly Dictionary<string, Optimiser> Rules = new()
    {
        ["SGD"] = new Optimiser.Sgd(),
        ["SGD, momentum and decay"] = new Optimiser.Sgd { Momentum = 0.9, WeightDecay = 0.1 },
        ["SGD, clipped"] = new Optimiser.Sgd { ClipNorm = 0.2 },
        ["SGD, never long enough to clip"] = new Optimiser.Sgd { ClipNorm = 1e6 },
        ["Adam"] = new Optimiser.Adam(),
        ["Adam, decay"] = new Optimiser.Adam { WeightDecay = 0.1, Beta1 = 0.8, Beta2 = 0.95, Epsilon = 1e-3 },
        ["Adam, clipped"] = new Optimiser.Adam { ClipNorm = 0.2, Epsilon = 0.1 },
        ["AdamW"] = new Optimiser.Adam { WeightDecay = 0.1, Decoupled = true },
    };

    public static TheoryData<string> Names => [.. Rules.Keys];

    /// <summary>Two weights of different shapes, so that a norm is that of both together.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void Steps_equal_the_published_rule(string name)
    {
        var builder = new ProgramBuilder("quadratic");
        Value w = builder.Weight("w", HeteroSchema.EdgeTypes, 2, 3);
        Value b = builder.Weight("b", IndexSpace.One, 5);
        Value loss = Losses.Sum(w * w * 0.5 - w * builder.Input("wt", HeteroSchema.EdgeTypes, 2, 3));
        builder.Return("loss", loss + Losses.Sum(b * b * 0.5 - b * builder.Input("bt", IndexSpace.One, 5)));
        var step = TrainingStep.Create(builder.Build(), "loss", Rules[name]);

        var arguments = Differential.Arguments(step.Program, Graph, 1);
        foreach (string state in step.State)
        {
            arguments[state].Span.Clear();
        }

        var numbers = Differential.Doubles(arguments);
        double[] expected = Published([.. numbers["w"], .. numbers["b"]], [.. numbers["wt"], .. numbers["bt"]], Rules[name]);
        double[] reference = Evaluated(step, numbers, Rules[name]);
        float[] kernels = Run(step, arguments, Rules[name]);
        Assert.All(expected.Zip(reference), pair => Assert.Equal(pair.First, pair.Second, 1e-6));
        Assert.True(Differential.Error(kernels, expected) <= 1e-5);
    }

    [Fact]
    public void Only_what_a_rule_needs_is_kept()
    {
        Assert.Empty(new Optimiser.Sgd().State);
        Assert.Equal(["momentum"], new Optimiser.Sgd { Momentum = 0.5 }.State);
        Assert.Equal(["mean", "square"], new Optimiser.Adam().State);
    }

    /// <summary>The rule on all weights as one vector; the gradient of Σ (w²/2 − w·t) is w − t.</summary>
    private static double[] Published(double[] w, double[] target, Optimiser rule)
    {
        double[] m = new double[w.Length];
        double[] v = new double[w.Length];
        for (int t = 1; t <= Steps; t++)
        {
            double[] g = [.. w.Zip(target, (x, y) => x - y)];
            double norm = Math.Sqrt(g.Sum(x => x * x));
            double scale = rule.ClipNorm > 0 ? Math.Min(1, rule.ClipNorm / norm) : 1;
            for (int i = 0; i < w.Length; i++)
            {
                double decay = rule.WeightDecay * w[i];
                bool decoupled = rule is Optimiser.Adam { Decoupled: true };
                double d = (g[i] * scale) + (decoupled ? 0 : decay);
                if (rule is Optimiser.Adam adam)
                {
                    m[i] = (adam.Beta1 * m[i]) + ((1 - adam.Beta1) * d);
                    v[i] = (adam.Beta2 * v[i]) + ((1 - adam.Beta2) * d * d);
                    d = m[i] / (1 - Math.Pow(adam.Beta1, t)) / (Math.Sqrt(v[i] / (1 - Math.Pow(adam.Beta2, t))) + adam.Epsilon);
                }
                else if (rule is Optimiser.Sgd sgd)
                {
                    d = m[i] = (sgd.Momentum * m[i]) + d;
                }

                w[i] -= LearningRate * (d + (decoupled ? decay : 0));
            }
        }

        return w;
    }

    private static double[] Evaluated(TrainingStep step, Dictionary<string, double[]> numbers, Optimiser rule)
    {
        for (int t = 1; t <= Steps; t++)
        {
            numbers[TrainingStep.StepInput] = Array.ConvertAll(TrainingStep.StepNumbers(rule, LearningRate, t), x => (double)x);
            var outputs = Evaluator<double>.Run(step.Program, Graph, numbers);
            foreach ((string output, string argument) in step.Links)
            {
                numbers[argument] = outputs[output];
            }
        }

        return [.. numbers["w"], .. numbers["b"]];
    }

    private static float[] Run(TrainingStep step, Dictionary<string, Tensor> arguments, Optimiser rule)
    {
        using var executable = new Executable(ProgramCompiler.Compile(step.Program, new() { Cache = null }).Load(), Graph);
        foreach ((string output, string argument) in step.Links)
        {
            executable.Link(output, argument);
        }

        foreach ((string name, Tensor tensor) in arguments)
        {
            executable.Set(name, tensor);
        }

        for (int t = 1; t <= Steps; t++)
        {
            TrainingStep.StepNumbers(rule, LearningRate, t).CopyTo(arguments[TrainingStep.StepInput].Span);
            executable.Run();
            executable.Advance();
        }

        return [.. executable.Argument("w").Span, .. executable.Argument("b").Span];
    }
}
