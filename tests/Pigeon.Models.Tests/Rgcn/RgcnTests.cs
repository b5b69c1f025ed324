using CsCheck;
using Pigeon.Compiler;
using Pigeon.Kernels;
using Pigeon.Runtime;
using Xunit;

namespace Pigeon.Models.Tests;

public sealed class RgcnTests
{
    private const ulong Seed = 7;

    private static readonly (int? Bases, int? Blocks)[] Factors = [(null, null), (1, null), (3, null), (null, 1), (null, 2)];

    private static readonly Gen<RgcnOptions> GenOptions =
        from aggregation in Gen.Enum<RgcnAggregation>()
        from factors in Gen.Int[0, Factors.Length - 1].Select(i => Factors[i])
        from root in Gen.Bool
        from bias in Gen.Bool
        from widths in Gen.Int[1, 4].Array[2, 4]
        select new RgcnOptions
        {
            Widths = [.. widths.Select(width => width * (factors.Blocks ?? 1))],
            Aggregation = aggregation,
            Bases = factors.Bases,
            Blocks = factors.Blocks,
            RootWeight = root,
            Bias = bias,
        };

    public static TheoryData<string> SpecialGraphs => [.. RandomGraph.Special.Keys];

    [Fact]
    public void Rgcn_equals_the_formula() =>
        Gen.Select(RandomGraph.Gen, GenOptions).Sample((graph, options) => RelativeError(graph, options) < 1e-12);

    [Theory]
    [MemberData(nameof(SpecialGraphs))]
    public void Rgcn_equals_the_formula_on_special_graphs(string graph) =>
        GenOptions.Sample(options => RelativeError(RandomGraph.Special[graph], options) < 1e-12);

    [Fact]
    public void Integers_stay_exact_in_float32() =>
        Gen.Select(RandomGraph.Gen, GenOptions.Where(options => options.Aggregation != RgcnAggregation.Mean)).Sample((graph, options) =>
        {
            Program program = Rgcn.Build(options with { Widths = [6, 4] });
            var values = RandomWeights.CreateIntegers(program, graph.Binding, Seed)
                .Concat(RandomWeights.CreateIntegerInputs(program, graph.Binding, Seed)).ToDictionary();
            float[] single = Evaluator<float>.Run(program, graph.Binding, values)["y"];
            return Reference.Run(program, graph, values).SequenceEqual(Reference.Wide(single));
        });

    [Fact]
    public void Featureless_rgcn_equals_the_formula_with_the_identity() =>
        Gen.Select(RandomGraph.Gen, GenOptions.Where(options => options.Blocks is null)).Sample((graph, options) =>
            RelativeError(graph, options with { Featureless = true }) < 1e-12);

    [Fact]
    public void Basis_weights_equal_the_weights_that_they_combine_to()
    {
        HeteroGraph graph = RandomGraph.Create((0, 1, 0), (1, 2, 1), (2, 2, 0));
        var bases = new RgcnOptions { Widths = [2, 3], Bases = 2 };
        var full = bases with { Bases = null };
        var weights = RandomWeights.Create(Rgcn.Build(bases), graph.Binding, Seed);
        float[] combined = new float[2 * 6];
        for (int i = 0; i < combined.Length; i++)
        {
            (int r, int at) = (i / 6, i % 6);
            combined[i] = (weights["comp"][r * 2] * weights["weight"][at]) + (weights["comp"][(r * 2) + 1] * weights["weight"][6 + at]);
        }

        var x = RandomWeights.CreateInputs(Rgcn.Build(bases), graph.Binding, Seed);
        Dictionary<string, float[]> combinedWeights = new(weights) { ["weight"] = combined };
        Assert.InRange(Reference.RelativeError(
            Reference.Run(Rgcn.Build(full), graph, x, combinedWeights), Reference.Run(Rgcn.Build(bases), graph, x, weights)), 0, 1e-6);
    }

    [Fact]
    public void Mean_is_taken_for_each_relation_by_itself()
    {
        // Node 2 hears node 0 twice and node 1 once over relation 0, and node 1 over relation 1.
        HeteroGraph graph = RandomGraph.Create((0, 2, 0), (0, 2, 0), (1, 2, 0), (1, 2, 1));
        var options = new RgcnOptions { Widths = [1, 1], RootWeight = false, Bias = false };
        Dictionary<string, float[]> values = new() { ["x"] = [3, 6, 0], ["weight"] = [1, 10] };
        Assert.Equal([0, 0, 4 + 60], Reference.Run(Rgcn.Build(options), graph, values));
    }

    [Fact]
    public void Without_edges_only_a_nodes_own_row_and_the_bias_are_left()
    {
        Dictionary<string, float[]> values = new() { ["x"] = [1, 2, 3], ["weight"] = [5, 5], ["root"] = [10], ["bias"] = [1] };
        Assert.Equal([11, 21, 31], Reference.Run(Rgcn.Build(new RgcnOptions { Widths = [1, 1] }), RandomGraph.Create(), values));
    }

    [Theory]
    [InlineData(2, 2, "num_bases")]
    [InlineData(null, 3, "num_blocks")]
    [InlineData(null, 0, "num_blocks")]
    [InlineData(0, null, "num_bases")]
    public void Options_that_do_not_fit_are_refused(int? bases, int? blocks, string culprit)
    {
        var options = new RgcnOptions { Widths = [4, 6], Bases = bases, Blocks = blocks };
        var refusal = Assert.Throws<PigeonException>(() => Rgcn.Build(options));
        Assert.Equal(("PG0404", culprit), (refusal.Diagnostic.Id, refusal.Diagnostic.Place));
    }

    private static double RelativeError(HeteroGraph graph, RgcnOptions options)
    {
        Program program = Rgcn.Build(options);
        var weights = RandomWeights.Create(program, graph.Binding, Seed);
        var inputs = RandomWeights.CreateInputs(program, graph.Binding, Seed);
        double[] actual = Reference.Run(program, graph, weights, inputs);
        double[]? norm = inputs.TryGetValue("norm", out float[]? given) ? Reference.Wide(given) : null;
        double[]? y = options.Featureless ? null : Reference.Wide(inputs["x"]);
        var dense = new DenseGraph(graph);
        for (int layer = 0; layer < options.Layers; layer++)
        {
            string prefix = options.Layers == 1 ? "" : $"layer{layer}.";
            var own = options with
            {
                Widths = [options.Widths[layer], options.Widths[layer + 1]],
                Featureless = options.Featureless && layer == 0,
            };
            double[]? x = layer == 0 ? y : [.. y!.Select(element => Math.Max(element, 0))];
            y = DenseRgcn.Layer(dense, x, own, name => Reference.Wide(weights[prefix + name]), norm);
        }

        return Reference.RelativeError(actual, y!);
    }
}
