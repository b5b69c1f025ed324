using Xunit;

namespace Pigeon.Datasets.Tests;

public class GraphGeneratorTests
{
    /// <summary>The table of the published graphs: nodes, node types, edges, edge types, U_src/E, U_dst/E.</summary>
    [Theory]
    [InlineData("aifb", 7_262, 7, 48_810, 104, 0.46, 0.46)]
    [InlineData("mutag", 27_163, 5, 148_100, 50, 0.51, 0.51)]
    [InlineData("bgs", 94_806, 27, 672_884, 122, 0.42, 0.42)]
    [InlineData("am", 881_680, 7, 5_668_682, 108, 0.57, 0.57)]
    [InlineData("fb15k", 14_541, 1, 620_232, 474, 0.261, 0.261)]
    [InlineData("biokg", 93_773, 5, 4_762_678, 51, 0.05, 0.06)]
    [InlineData("mag", 1_939_743, 4, 21_111_007, 4, 0.165, 0.070)]
    [InlineData("wikikg2", 2_500_604, 1, 16_109_182, 535, 0.65, 0.20)]
    public void Shape_has_the_published_counts(string name, int nodes, int nodeTypes, int edges, int edgeTypes,
        double source, double destination)
    {
        var shape = GraphShapes.All.Single(s => s.Name == name);
        Assert.Equal((nodes, nodeTypes, edges, edgeTypes), (shape.NodeCount, shape.NodeTypes.Length, shape.EdgeCount, shape.EdgeTypeCount));
        Assert.Equal((source, destination), (Math.Round(shape.GraphSourceRatio, 6), Math.Round(shape.GraphDestinationRatio, 6)));
    }

    /// <summary>Counts are exact and ratios within 0.001, at full size where that is quick, at a twentieth where it isn't.</summary>
    [Theory]
    [InlineData("aifb", 1)]
    [InlineData("mutag", 1)]
    [InlineData("bgs", 1)]
    [InlineData("fb15k", 1)]
    [InlineData("am", 0.05)]
    [InlineData("biokg", 0.05)]
    [InlineData("mag", 0.05)]
    [InlineData("wikikg2", 0.05)]
    public void Graph_has_the_counts_of_its_shape(string name, double scale)
    {
        var shape = GraphShapes.All.Single(s => s.Name == name);
        shape = scale == 1 ? shape : shape.Scale(scale);
        var graph = GraphGenerator.Create(shape, seed: 5).Graph;
        var statistics = GraphStatistics.Of(graph);
        Assert.Equal((shape.NodeCount, shape.EdgeCount, shape.NodeTypes.Length, shape.EdgeTypeCount),
            (statistics.Nodes, statistics.Edges, statistics.NodeTypes, statistics.EdgeTypes));
        Assert.Equal(shape.GraphSourceRatio, statistics.SourceRatio, tolerance: 1e-3);
        Assert.Equal(shape.GraphDestinationRatio, statistics.DestinationRatio, tolerance: 1e-3);
        Assert.All(graph.EdgeTypes, type => Assert.True(type.IsCanonical));
        Assert.True(statistics.MinEdgesOfType > 0);
        Assert.True(statistics.DegreeGini > 0.4, $"degrees are skewed in real graphs, Gini {statistics.DegreeGini}");
        Assert.True(statistics.MaxInDegree > 10.0 * statistics.Edges / statistics.Nodes, "there are hubs");
    }

    [Fact]
    public void Same_seed_gives_the_same_graph_and_another_seed_another()
    {
        var shape = GraphShapes.Mutag.Scale(0.1);
        var graph = GraphGenerator.Create(shape, seed: 3).Graph;
        RandomGraphs.AssertSameEdges(graph, GraphGenerator.Create(shape, seed: 3).Graph);
        Assert.NotEqual(graph.Source.ToArray(), GraphGenerator.Create(shape, seed: 4).Graph.Source.ToArray());
    }

    /// <summary>Any change of these numbers changes every benchmark on a generated graph: then say so in its notes.</summary>
    [Fact]
    public void Bits_are_the_same_on_any_machine()
    {
        var graph = GraphGenerator.Create(GraphShapes.Aifb, seed: 0).Graph;
        ulong hash = 14_695_981_039_346_656_037;
        for (int e = 0; e < graph.EdgeCount; e++)
        {
            hash = (hash ^ (uint)graph.Source[e]) * 1_099_511_628_211;
            hash = (hash ^ (uint)graph.Destination[e]) * 1_099_511_628_211;
        }

        Assert.Equal(18_432_372_023_965_864_677, hash);
    }

    [Fact]
    public void Relations_of_a_shape_are_drawn_once_and_for_all() => Assert.Equal(
        [3_963, 152, 48], ((int[])[0, 26, 51]).Select(r => GraphShapes.Aifb.Relations[r].Edges));

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(1e6)]
    public void Scale_out_of_range_is_refused(double factor) => Refusal.Of("PG0319", () => GraphShapes.Aifb.Scale(factor));

    [Fact]
    public void Scale_keeps_every_type()
    {
        var graph = GraphGenerator.Create(GraphShapes.Bgs.Scale(1e-5), seed: 1).Graph;
        Assert.Equal((27, 27, 122), (graph.NodeTypes.Length, graph.NodeCount, graph.EdgeTypes.Length));
    }
}
