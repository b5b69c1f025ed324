using Pigeon.Compiler;
using Pigeon.Kernels;
using Pigeon.Runtime;
using static Pigeon.Kernels.HeteroSchema;

namespace Pigeon.Tests;

/// <summary>Softmax over the edges of a node that weighs a sum, divided last, and what makes it go wrong.</summary>
internal static class SoftmaxPrograms
{
    private const double Tolerance = 5e-5;

    /// <summary>The programs: name, heads, width of a head, and whether logits are computed in the loop.</summary>
    public static IEnumerable<(string Name, Program Program)> All =>
        from shape in new (int Heads, int Width)[] { (1, 64), (1, 5), (2, 4), (3, 7), (4, 16), (5, 1), (8, 32), (17, 3) }
        from computed in new[] { false, true }
        select (FormattableString.Invariant($"{shape.Heads} x {shape.Width}{(computed ? ", computed" : "")}"), Create(shape.Heads, shape.Width, computed));

    /// <summary>A program. Logits are an input of the edges, or a leaky ReLU of a sum of two inputs of the nodes.</summary>
    public static Program Create(int heads, int width, bool computed)
    {
        var p = new ProgramBuilder("softmax");
        Value x = p.Input("x", Nodes, heads, width);
        Value logits = computed
            ? Nn.LeakyRelu(p.Input("l", Nodes, heads).At(Src) + p.Input("t", Nodes, heads).At(Dst), 0.25)
            : p.Input("l", Edges, heads);
        Value max = logits.Reduce(Dst, ReduceKind.Max);
        Value weight = (logits - max.At(Dst)).Unary(UnaryFunction.Exp);
        Value sum = weight.Sum(Dst);
        Value weighted = (x.At(Src) * weight.Reshape(heads, 1)).Sum(Dst);
        Value count = (x.At(Src) * 2).Sum(Dst);
        p.Return("y", weighted / (sum.Reshape(heads, 1) + 1e-30));
        p.Return("sum", sum);
        p.Return("max", max);
        p.Return("count", count);
        return p.Build();
    }

    /// <summary>Its plan with one loop for each softmax.</summary>
    public static Plan Online(Program program) => OnlineSoftmax.Run(Fuse.Run(SeparateOutputs.Run(HoistWeights.Run(Simplify.Run(program)))));

    /// <summary>Ways to fill logits: what is known about them decides what can go wrong.</summary>
    public static IReadOnlyList<(string Name, Func<Random, float> Next)> Logits { get; } =
    [
        ("around 0", random => (random.NextSingle() * 4) - 2),
        ("equal", _ => 3.5f),
        ("of 80", random => (random.NextSingle() * 160) - 80),
        ("of 10000", random => random.Next(-10_000, 10_000)),
        ("with minus infinity", random => random.Next(3) > 0 ? float.NegativeInfinity : random.NextSingle()),
        ("all minus infinity", _ => float.NegativeInfinity),
        ("masked by the lowest number", random => random.Next(4) > 0 ? float.MinValue : random.NextSingle()),
        ("all the lowest number", _ => float.MinValue),
        ("with infinity", random => random.Next(9) == 0 ? float.PositiveInfinity : random.NextSingle()),
        ("with no number", random => random.Next(9) == 0 ? float.NaN : random.NextSingle()),
    ];

    /// <summary>A graph with hubs of many neighbours, beside all that goes wrong in small ones.</summary>
    public static GraphBinding Graph(int seed)
    {
        if (seed > 0)
        {
            return RandomGraphs.Create(seed).Binding;
        }

        int[] edges = [.. Enumerable.Range(0, 1500)];
        return HeteroGraph.Create(["n"], [new EdgeType("r"), new EdgeType("s")], new int[31], [.. edges.Select(e => e % 31)],
            [.. edges.Select(e => e < 700 ? 3 : e < 1100 ? 7 : e % 23)], [.. edges.Select(e => e % 2)]).Binding;
    }

    /// <summary>Arguments with such logits.</summary>
    public static Dictionary<string, Tensor> Arguments(Program program, GraphBinding graph, int seed, Func<Random, float> next)
    {
        Dictionary<string, Tensor> arguments = Differential.Arguments(program, graph, seed);
        var random = new Random(seed);
        foreach (ref float number in arguments["l"].Span)
        {
            number = next(random);
        }

        // Logits that are computed are then those given, or a quarter: exactly, whatever their size.
        if (arguments.TryGetValue("t", out Tensor? targets))
        {
            targets.Span.Clear();
        }

        return arguments;
    }

    /// <summary>What is wrong with results: the first that is a number or not where it should be the other, or far off; null if nothing is.</summary>
    public static string? Fault(float[] actual, double[] expected)
    {
        for (int i = 0; i < expected.Length; i++)
        {
            double error = Math.Abs(actual[i] - expected[i]);
            bool same = double.IsFinite(expected[i]) && Math.Abs(expected[i]) <= float.MaxValue
                ? error <= Tolerance * Math.Max(1, Math.Abs(expected[i]))
                : double.IsNaN(expected[i]) ? float.IsNaN(actual[i]) : actual[i] == (float)expected[i];
            if (!same)
            {
                return FormattableString.Invariant($"number {i} is {actual[i]:R} instead of {expected[i]:R}");
            }
        }

        return null;
    }
}
