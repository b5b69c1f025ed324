using System.Text.Json;
using CsCheck;
using Xunit;

namespace Pigeon.Datasets.Tests;

public class GraphStatisticsTests
{
    [Fact]
    public void Statistics_agree_with_counting_by_hand() => RandomGraphs.Dataset.Sample(dataset =>
    {
        var graph = dataset.Graph;
        var edges = Enumerable.Range(0, graph.EdgeCount)
            .Select(e => (graph.Source[e], graph.Destination[e], graph.EdgeTypeOf[e])).ToArray();
        var statistics = GraphStatistics.Of(graph);
        Assert.Equal(edges.Select(e => (e.Item3, e.Item1)).Distinct().Count(), statistics.UniqueSource);
        Assert.Equal(edges.Select(e => (e.Item3, e.Item2)).Distinct().Count(), statistics.UniqueDestination);
        Assert.Equal(edges.CountBy(e => e.Item1).Select(p => p.Value).DefaultIfEmpty().Max(), statistics.MaxOutDegree);
        Assert.Equal(edges.CountBy(e => e.Item2).Select(p => p.Value).DefaultIfEmpty().Max(), statistics.MaxInDegree);
        Assert.Equal(graph.NodeCount - edges.SelectMany(e => (int[])[e.Item1, e.Item2]).Distinct().Count(), statistics.IsolatedNodes);
        int[] degrees = [.. Enumerable.Range(0, graph.NodeCount)
            .Select(v => edges.Count(e => e.Item1 == v) + edges.Count(e => e.Item2 == v))];
        Assert.Equal(Gini(degrees), statistics.DegreeGini, tolerance: 1e-9);
    }, iter: 100);

    [Fact]
    public void Statistics_are_written_as_JSON()
    {
        var statistics = GraphStatistics.Of(GraphGenerator.Create(GraphShapes.Aifb, seed: 0).Graph);
        using var json = JsonDocument.Parse(JsonSerializer.Serialize(statistics));
        Assert.Equal(48_810, json.RootElement.GetProperty("Edges").GetInt32());
        Assert.Equal(0.46, json.RootElement.GetProperty("SourceRatio").GetDouble(), 1e-3);
    }

    /// <summary>The mean absolute difference of two degrees, over twice the mean.</summary>
    private static double Gini(int[] degrees)
    {
        double sum = degrees.Sum();
        return sum == 0 ? 0 : degrees.Sum(a => degrees.Sum(b => Math.Abs((double)a - b))) / (2 * degrees.Length * sum);
    }
}
