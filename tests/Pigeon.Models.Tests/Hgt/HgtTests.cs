using CsCheck;
using Pigeon.Compiler;
using Pigeon.Kernels;
using Pigeon.Runtime;
using Xunit;

namespace Pigeon.Models.Tests;

public sealed class HgtTests
{
    private const ulong Seed = 13;

    private static readonly Gen<HgtOptions> GenOptions =
        from heads in Gen.Int[1, 3]
        from widths in Gen.Int[1, 3].Array[2, 4]
        select new HgtOptions { Widths = [.. widths.Select(width => width * heads)], Heads = heads };

    public static TheoryData<string> SpecialGraphs => [.. RandomGraph.Special.Keys];

    [Theory]
    [InlineData(1, 0.8413447460685429)]
    [InlineData(-1, -0.15865525393145707)]
    [InlineData(4, 3.9998733150326675)]
    [InlineData(8, 7.999999999999995)]
    [InlineData(40, 40)]
    [InlineData(-40, 0)]
    public void The_formula_has_the_published_values_of_gelu(double x, double expected) => Assert.Equal(expected, Dense.Gelu(x), 1e-12);

    [Fact]
    public void Hgt_equals_the_formula() =>
        Gen.Select(RandomGraph.Gen, GenOptions).Sample((graph, options) => RelativeError(graph, options) < 1e-9);

    [Theory]
    [MemberData(nameof(SpecialGraphs))]
    public void Hgt_equals_the_formula_on_special_graphs(string graph) =>
        GenOptions.Sample(options => RelativeError(RandomGraph.Special[graph], options) < 1e-9);

    [Fact]
    public void Hgt_over_widths_by_node_type_equals_the_formula() =>
        Gen.Select(RandomGraph.Gen, Gen.Int[1, 4].Array[3], Gen.Int[1, 2]).Sample((graph, inputWidths, heads) =>
        {
            int[] widths = inputWidths[..graph.NodeTypes.Length];
            var options = new HgtOptions { Widths = [1, 2 * heads], Heads = heads, InputWidths = [.. widths] };
            Program program = Hgt.Build(options);
            var weights = RandomWeights.Create(program, graph.Binding, Seed);
            var inputs = RandomWeights.CreateInputs(program, graph.Binding, Seed);
            double[] Weight(string name) => Reference.Wide(weights[name]);
            double[] expected = DenseHgt.Layer(new(graph), Row, options,
                t => (Weight($"kqv_lin.lins.{t}.weight"), Weight($"kqv_lin.lins.{t}.bias")), Weight);
            return Reference.RelativeError(Reference.Run(program, graph, weights, inputs), expected) < 1e-9;

            // A node's row stands in its type's input, after the nodes of the type that have smaller numbers.
            double[] Row(int v)
            {
                int type = graph.NodeType[v];
                int before = graph.NodeType[..v].Count(type);
                return Dense.Row(Reference.Wide(inputs[$"x_{type}"]), before, widths[type]);
            }
        });

    [Fact]
    public void A_node_without_edges_keeps_its_row_by_its_gate()
    {
        Program program = Hgt.Build(new HgtOptions { Widths = [1, 1] });
        HeteroGraph graph = RandomGraph.Create();
        Dictionary<string, float[]> values = new(RandomWeights.Create(program, graph.Binding, Seed))
        {
            ["x"] = [2, 4, 8], ["skip"] = [0], ["out_lin.bias"] = [10],
        };
        Assert.Equal([6, 7, 9], Reference.Run(program, graph, values));
    }

    [Fact]
    public void There_is_no_skip_where_widths_differ() =>
        Assert.DoesNotContain("skip", Hgt.Build(new HgtOptions { Widths = [3, 4], Heads = 2 }).ToString(), StringComparison.Ordinal);

    [Fact]
    public void Heads_that_do_not_divide_the_width_are_refused()
    {
        var refusal = Assert.Throws<PigeonException>(() => Hgt.Build(new HgtOptions { Widths = [4, 64], Heads = 3 }));
        Assert.Equal(("PG0404", "heads"), (refusal.Diagnostic.Id, refusal.Diagnostic.Place));
    }

    private static double RelativeError(HeteroGraph graph, HgtOptions options)
    {
        Program program = Hgt.Build(options);
        var weights = RandomWeights.Create(program, graph.Binding, Seed);
        var inputs = RandomWeights.CreateInputs(program, graph.Binding, Seed);
        double[] y = Reference.Wide(inputs["x"]);
        for (int layer = 0; layer < options.Layers; layer++)
        {
            string prefix = options.Layers == 1 ? "" : $"layer{layer}.";
            (int k, int n) = (options.Widths[layer], options.Widths[layer + 1]);
            double[] x = layer == 0 ? y : [.. y.Select(element => Math.Max(element, 0))];
            double[] Weight(string name) => Reference.Wide(weights[prefix + name]);
            y = DenseHgt.Layer(new(graph), v => Dense.Row(x, v, k), options with { Widths = [k, n] },
                t => (Dense.Row(Weight("kqv_lin.weight"), t, 3 * k * n), Dense.Row(Weight("kqv_lin.bias"), t, 3 * n)), Weight);
        }

        return Reference.RelativeError(Reference.Run(program, graph, weights, inputs), y);
    }
}
