using CsCheck;
using Xunit;

namespace Pigeon.Datasets.Tests;

public class CsvGraphTests
{
    [Fact]
    public void Written_graphs_read_back_the_same() => RandomGraphs.Dataset.Sample(dataset =>
    {
        using var folder = new TempFolder();
        using (var edges = File.Create(folder.At("e.csv")))
        using (var types = File.Create(folder.At("t.csv")))
        {
            CsvGraph.WriteEdges(dataset.Graph, edges);
            CsvGraph.WriteNodeTypes(dataset.Graph, types);
        }

        var read = CsvGraph.Read(folder.At("e.csv"), new() { NodeTypesPath = folder.At("t.csv") }).Graph;
        RandomGraphs.AssertSameEdges(dataset.Graph, read);
    }, iter: 100);

    [Fact]
    public void Columns_come_in_any_order_and_others_are_skipped()
    {
        var graph = Read("weight,type,\"dst\",src\n0.5,1,2,0\nNaN,0,0,3\n").Graph;
        Assert.Equal([(3, 0, 0), (0, 2, 1)],
            Enumerable.Range(0, 2).Select(e => (graph.Source[e], graph.Destination[e], graph.EdgeTypeOf[e])));
        Assert.Equal((4, 2), (graph.NodeCount, graph.EdgeTypes.Length));
        Assert.Equal(["0", "1"], graph.EdgeTypes.Select(t => t.Name));
    }

    [Fact]
    public void Node_count_may_be_more_than_the_largest_id_but_not_less()
    {
        Assert.Equal(9, Read("src,dst,type\n0,1,0\n", new() { NodeCount = 9 }).Graph.NodeCount);
        Refusal.At("PG0307", "graph.csv:2", () => Read("src,dst,type\n0,3,0\n", new() { NodeCount = 3 }));
    }

    [Fact]
    public void Header_alone_gives_an_empty_graph() => Assert.Equal(0, Read("src,dst,type\n").Graph.NodeCount);

    [Theory]
    [InlineData("0,NaN,0", "PG0307")]
    [InlineData("0,1.0,0", "PG0307")]
    [InlineData("0,1e3,0", "PG0307")]
    [InlineData("-1,0,0", "PG0307")]
    [InlineData("2147483648,0,0", "PG0307")]
    [InlineData("99999999999999999999,0,0", "PG0307")]
    [InlineData(",0,0", "PG0307")]
    [InlineData("0,0", "PG0306")]
    [InlineData("0,0,0,0", "PG0306")]
    public void Bad_rows_are_refused_with_their_line(string row, string id) =>
        Refusal.At(id, "graph.csv:4", () => Read("src,dst,type\n0,0,0\n\n" + row + "\n"));

    [Theory]
    [InlineData("")]
    [InlineData("src,dst\n0,1\n")]
    [InlineData("0,1,0\n")]
    [InlineData("src,dst,type,src\n0,1,0,1\n")]
    public void Missing_columns_are_refused(string text) => Refusal.At("PG0310", "graph.csv:1", () => Read(text));

    [Theory]
    [InlineData("2000000000,0,0")]
    [InlineData("0,0,2000000000")]
    public void Absurd_ids_are_refused_before_memory_is_taken(string row) => Refusal.Of("PG0311", () => Read("src,dst,type\n" + row));

    [Fact]
    public void Node_types_must_be_as_many_as_stated()
    {
        using var folder = new TempFolder();
        string types = folder.Write("types.csv", "0\n1\n");
        Refusal.At("PG0309", "types.csv", () => Read("src,dst,type\n0,1,0\n", new() { NodeTypesPath = types, NodeCount = 3 }));
        Refusal.At("PG0307", "graph.csv:2", () => Read("src,dst,type\n0,2,0\n", new() { NodeTypesPath = types }));
        folder.Write("types.csv", "0\nx\n");
        Refusal.At("PG0307", "types.csv:2", () => Read("src,dst,type\n", new() { NodeTypesPath = types }));
    }

    [Fact]
    public void Diagnostics_do_not_repeat_control_characters() =>
        Assert.DoesNotContain('\u001b', Refusal.Of("PG0307", () => Read("src,dst,type\n0,\u001b[31m,0\n")).Message);

    private static GraphDataset Read(string text, CsvGraphOptions? options = null)
    {
        using var folder = new TempFolder();
        return CsvGraph.Read(folder.Write("graph.csv", text), options);
    }
}
