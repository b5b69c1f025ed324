using CsCheck;
using Parquet;
using Parquet.Schema;
using Xunit;

namespace Pigeon.Datasets.Tests;

public class LabelsFolderTests
{
    private static readonly GraphDataset Graph = GraphGenerator.Create(GraphShapes.Aifb.Scale(0.05), seed: 3);

    private static readonly GraphDataset Sample = Graph with
    {
        Labels = new(["cat", "dog \"é\""], LabelledNodes.Create([5, 3, 200], [1, 0, 1]), LabelledNodes.None,
            LabelledNodes.Create([3], [1])),
    };

    private static readonly Gen<LabelledNodes> Split =
        from nodes in Gen.Int[0, Graph.Graph.NodeCount - 1].HashSet[0, 60]
        from classes in Gen.Int[0, 2].Array[nodes.Count]
        select LabelledNodes.Create([.. nodes], classes);

    [Fact]
    public void Written_labels_read_back_the_same() => Gen.Select(Split, Split, Split).Sample((train, valid, test) =>
    {
        using var folder = new TempFolder();
        var labels = new NodeLabels(["a", "b", "c"], train, valid, test);
        GraphFolder.Write(folder.At("g"), Graph with { Labels = labels });
        AssertSame(labels, GraphFolder.Read(folder.At("g")).Labels!);
    }, iter: 30);

    [Fact]
    public void Graphs_without_labels_have_none_after_reading()
    {
        using var folder = new TempFolder();
        GraphFolder.Write(folder.At("g"), Sample);
        AssertSame(Sample.Labels!, GraphFolder.Read(folder.At("g")).Labels!);
        GraphFolder.Write(folder.At("g"), Graph);
        Assert.Null(GraphFolder.Read(folder.At("g")).Labels);
        Assert.DoesNotContain("labels", File.ReadAllText(folder.At("g/schema.json")));
        Assert.False(File.Exists(folder.At("g/labels.parquet")));
    }

    [Fact]
    public void Labels_of_a_larger_graph_are_not_written()
    {
        using var folder = new TempFolder();
        var labels = new NodeLabels(["a"], LabelledNodes.Create([Graph.Graph.NodeCount], [0]), LabelledNodes.None, LabelledNodes.None);
        Refusal.Of("PG0307", () => GraphFolder.Write(folder.At("g"), Graph with { Labels = labels }));
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.Path));
    }

    [Theory]
    [InlineData(364, 0, "test", "PG0307")]
    [InlineData(-1, 0, "test", "PG0307")]
    [InlineData(1L << 40, 0, "test", "PG0307")]
    [InlineData(7, 2, "test", "PG0307")]
    [InlineData(7, -1, "test", "PG0307")]
    [InlineData(5, 0, "train", "PG0321")]
    [InlineData(7, 0, "Test", "PG0323")]
    [InlineData(7, 0, "", "PG0323")]
    public void Labels_that_can_not_be_are_refused(long node, int @class, string split, string id) => Refuse(id, folder =>
        Write(folder, [5, 3, 200, node], [1, 0, 1, @class], ["train", "train", "train", split]));

    [Fact]
    public void Labels_may_be_valid_ones_in_any_order()
    {
        using var folder = new TempFolder();
        GraphFolder.Write(folder.At("g"), Sample);
        Write(folder, [9, 8, 7, 9], [1, 0, 1, 0], ["valid", "train", "valid", "train"]);
        var labels = GraphFolder.Read(folder.At("g")).Labels!;
        Assert.Equal([9, 7], labels.Valid.Nodes.AsEnumerable());
        Assert.Equal([8, 9], labels.Train.Nodes.AsEnumerable());
    }

    [Fact]
    public void Damaged_or_missing_labels_are_refused()
    {
        Refuse("PG0301", folder => File.Delete(folder.At("g/labels.parquet")));
        Refuse("PG0312", folder => File.WriteAllText(folder.At("g/labels.parquet"), "PAR1"));
        Refuse("PG0309", folder => Write(folder, [5], [1], ["train"]));
        Refuse("PG0310", folder => File.Copy(folder.At("g/nodes.parquet"), folder.At("g/labels.parquet"), overwrite: true),
            folder => Replace(folder, "\"rows\": 4", $"\"rows\": {Graph.Graph.NodeCount}"));
    }

    [Theory]
    [InlineData("\"rows\": 4", "\"rows\": 5", "PG0309")]
    [InlineData("\"rows\": 4", "\"rows\": -4", "PG0314")]
    [InlineData("\"rows\": 4", "\"rows\": 9000000000", "PG0314")]
    [InlineData("\"cat\"", "null", "PG0314")]
    [InlineData("\"rows\": 4", "\"count\": 4", "PG0314")]
    public void Schemas_with_wrong_labels_are_refused(string from, string to, string id) => Refuse(id, folder => Replace(folder, from, to));

    private static void AssertSame(NodeLabels expected, NodeLabels actual)
    {
        Assert.Equal(expected.ClassNames.AsEnumerable(), actual.ClassNames);
        AssertSame(expected.Train, actual.Train);
        AssertSame(expected.Valid, actual.Valid);
        AssertSame(expected.Test, actual.Test);
    }

    private static void AssertSame(LabelledNodes expected, LabelledNodes actual)
    {
        Assert.Equal(expected.Nodes.AsEnumerable(), actual.Nodes);
        Assert.Equal(expected.Classes.AsEnumerable(), actual.Classes);
    }

    private static void Refuse(string id, params Action<TempFolder>[] changes)
    {
        using var folder = new TempFolder();
        GraphFolder.Write(folder.At("g"), Sample);
        foreach (var change in changes)
        {
            change(folder);
        }

        Refusal.Of(id, () => GraphFolder.Read(folder.At("g")));
    }

    private static void Replace(TempFolder folder, string from, string to)
    {
        string json = File.ReadAllText(folder.At("g/schema.json"));
        Assert.Contains(from, json);
        File.WriteAllText(folder.At("g/schema.json"), json.Replace(from, to, StringComparison.Ordinal));
    }

    private static void Write(TempFolder folder, long[] nodes, int[] classes, string[] splits)
    {
        WriteAsync().GetAwaiter().GetResult();

        async Task WriteAsync()
        {
            var node = new DataField<long>("node");
            var @class = new DataField<int>("class");
            var split = new DataField<string>("split", nullable: false);
            await using var stream = File.Create(folder.At("g/labels.parquet"));
            await using var writer = await ParquetWriter.CreateAsync(new ParquetSchema(node, @class, split), stream);
            using var group = writer.CreateRowGroup();
            await group.WriteAsync<long>(node, nodes);
            await group.WriteAsync<int>(@class, classes);
            await group.WriteAsync(split, splits);
        }
    }
}
