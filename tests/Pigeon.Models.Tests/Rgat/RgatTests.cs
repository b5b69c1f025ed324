using CsCheck;
using Pigeon.Compiler;
using Pigeon.Kernels;
using Pigeon.Runtime;
using Xunit;

namespace Pigeon.Models.Tests;

public sealed class RgatTests
{
    private const ulong Seed = 11;

    private static readonly Gen<RgatOptions> GenOptions =
        from attention in Gen.Enum<RgatAttention>()
        from heads in Gen.Int[1, 3]
        from concat in Gen.Bool
        from bias in Gen.Bool
        from slope in Gen.Double[0, 1]
        from widths in Gen.Int[1, 4].Array[2, 4]
        select new RgatOptions
        {
            Widths = [.. widths.Select((width, i) => concat && i > 0 ? width * heads : width)],
            Attention = attention,
            Heads = heads,
            Concat = concat,
            Bias = bias,
            NegativeSlope = slope,
            Activation = Activation.Tanh,
        };

    public static TheoryData<string> SpecialGraphs => [.. RandomGraph.Special.Keys];

    [Fact]
    public void Rgat_equals_the_formula() =>
        Gen.Select(RandomGraph.Gen, GenOptions).Sample((graph, options) => RelativeError(graph, options) < 1e-11);

    [Theory]
    [MemberData(nameof(SpecialGraphs))]
    public void Rgat_equals_the_formula_on_special_graphs(string graph) =>
        GenOptions.Sample(options => RelativeError(RandomGraph.Special[graph], options) < 1e-11);

    [Fact]
    public void Equal_logits_average_the_messages()
    {
        HeteroGraph graph = RandomGraph.Create((0, 2, 0), (1, 2, 1), (1, 2, 1), (2, 2, 0));
        Dictionary<string, float[]> values = new() { ["x"] = [4, 8, 12], ["weight"] = [1, 1], ["q"] = [0], ["k"] = [0], ["bias"] = [100] };
        Assert.Equal([100, 100, 108], Reference.Run(Rgat.Build(new RgatOptions { Widths = [1, 1] }), graph, values));
    }

    [Fact]
    public void Without_edges_only_the_bias_is_left()
    {
        Program program = Rgat.Build(new RgatOptions { Widths = [2, 4], Heads = 2 });
        HeteroGraph graph = RandomGraph.Create();
        Dictionary<string, float[]> weights = new(RandomWeights.Create(program, graph.Binding, Seed)) { ["bias"] = [1, 2, 3, 4] };
        double[] y = Reference.Run(program, graph, weights, RandomWeights.CreateInputs(program, graph.Binding, Seed));
        Assert.Equal([1, 2, 3, 4, 1, 2, 3, 4, 1, 2, 3, 4], y);
    }

    [Theory]
    [InlineData(3, true, 0.2, "heads")]
    [InlineData(0, true, 0.2, "heads")]
    [InlineData(3, false, double.NaN, "negative_slope")]
    public void Options_that_do_not_fit_are_refused(int heads, bool concat, double slope, string culprit)
    {
        var options = new RgatOptions { Widths = [4, 64], Heads = heads, Concat = concat, NegativeSlope = slope };
        var refusal = Assert.Throws<PigeonException>(() => Rgat.Build(options));
        Assert.Equal(("PG0404", culprit), (refusal.Diagnostic.Id, refusal.Diagnostic.Place));
    }

    private static double RelativeError(HeteroGraph graph, RgatOptions options)
    {
        Program program = Rgat.Build(options);
        var weights = RandomWeights.Create(program, graph.Binding, Seed);
        var inputs = RandomWeights.CreateInputs(program, graph.Binding, Seed);
        double[] actual = Reference.Run(program, graph, weights, inputs);
        double[] y = Reference.Wide(inputs["x"]);
        for (int layer = 0; layer < options.Layers; layer++)
        {
            string prefix = options.Layers == 1 ? "" : $"layer{layer}.";
            double[] x = layer == 0 ? y : [.. y.Select(Math.Tanh)];
            y = DenseRgat.Layer(new(graph), x, options with { Widths = [options.Widths[layer], options.Widths[layer + 1]] },
                name => Reference.Wide(weights[prefix + name]));
        }

        return Reference.RelativeError(actual, y);
    }
}
