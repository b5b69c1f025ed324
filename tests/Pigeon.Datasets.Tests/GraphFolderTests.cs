using CsCheck;
using Parquet;
using Parquet.Schema;
using Pigeon.Kernels;
using Xunit;

namespace Pigeon.Datasets.Tests;

public class GraphFolderTests
{
    private static readonly GraphDataset Sample = GraphGenerator.Create(GraphShapes.Aifb.Scale(0.1), seed: 7) with
    {
        NodeNames = [.. Enumerable.Range(0, GraphShapes.Aifb.Scale(0.1).NodeCount).Select(v => $"node {v}")],
    };

    [Fact]
    public void Written_graphs_read_back_the_same() => RandomGraphs.Dataset.Sample(dataset =>
    {
        using var folder = new TempFolder();
        GraphFolder.Write(folder.At("g"), dataset);
        var read = GraphFolder.Read(folder.At("g"));
        Assert.Equal((dataset.Name, dataset.Provenance), (read.Name, read.Provenance));
        Assert.Equal(dataset.NodeNames, read.NodeNames);
        Assert.Equal(dataset.Graph.NodeTypes.AsEnumerable(), read.Graph.NodeTypes);
        Assert.Equal(dataset.Graph.EdgeTypes.AsEnumerable(), read.Graph.EdgeTypes);
        RandomGraphs.AssertSameEdges(dataset.Graph, read.Graph);
    }, iter: 60);

    [Fact]
    public void Graphs_of_several_row_groups_read_back_the_same()
    {
        using var folder = new TempFolder();
        var dataset = GraphGenerator.Create(GraphShapes.Am.Scale(0.4), seed: 1);
        GraphFolder.Write(folder.At("g"), dataset);
        RandomGraphs.AssertSameEdges(dataset.Graph, GraphFolder.Read(folder.At("g")).Graph);
    }

    [Fact]
    public void Writing_replaces_a_graph_and_leaves_nothing_else_behind()
    {
        using var folder = new TempFolder();
        Directory.CreateDirectory(folder.At("g"));
        GraphFolder.Write(folder.At("g"), Sample);
        GraphFolder.Write(folder.At("g") + "/", Sample with { NodeNames = null });
        Assert.Null(GraphFolder.Read(folder.At("g")).NodeNames);
        Assert.Equal([folder.At("g")], Directory.EnumerateFileSystemEntries(folder.Path));
    }

    [Fact]
    public void Writing_refuses_to_replace_what_is_not_only_a_graph()
    {
        using var folder = new TempFolder();
        string features = folder.Write("features.npy", "precious");
        Refusal.Of("PG0315", () => GraphFolder.Write(folder.Path, Sample));
        Refusal.Of("PG0315", () => GraphFolder.Write(features, Sample));
        Assert.Equal("precious", File.ReadAllText(features));
        GraphFolder.Write(folder.At("g"), Sample);
        File.WriteAllText(folder.At("g/mine.txt"), "precious");
        Refusal.Of("PG0315", () => GraphFolder.Write(folder.At("g"), Sample));
    }

    [Fact]
    public void Cancelled_writing_leaves_what_was_there()
    {
        using var folder = new TempFolder();
        GraphFolder.Write(folder.At("g"), Sample);
        Assert.ThrowsAny<OperationCanceledException>(() => GraphFolder.Write(folder.At("g"), Sample, new(canceled: true)));
        Assert.Equal(Sample.Graph.EdgeCount, GraphFolder.Read(folder.At("g")).Graph.EdgeCount);
        Assert.Single(Directory.EnumerateFileSystemEntries(folder.Path));
    }

    [Theory]
    [InlineData("schema.json")]
    [InlineData("nodes.parquet")]
    [InlineData("edges.parquet")]
    [InlineData("names.parquet")]
    public void Reading_refuses_a_missing_file(string file) => Refuse("PG0301", folder => File.Delete(folder.At(file)));

    [Theory]
    [InlineData("nodes.parquet")]
    [InlineData("edges.parquet")]
    [InlineData("names.parquet")]
    public void Reading_refuses_a_file_that_was_cut_short(string file)
    {
        foreach (double kept in (double[])[0, 0.01, 0.5, 0.99])
        {
            Refuse("PG0312", folder =>
            {
                byte[] bytes = File.ReadAllBytes(folder.At(file));
                File.WriteAllBytes(folder.At(file), bytes[..(int)(bytes.Length * kept)]);
            });
        }
    }

    [Theory]
    [InlineData("\"edges\": 4882", "\"edges\": 4881", "PG0309")]
    [InlineData("\"nodes\": 728", "\"nodes\": -1", "PG0311")]
    [InlineData("\"nodes\": 728", "\"nodes\": 9000000000", "PG0311")]
    [InlineData("\"nodes\": 728", "\"nodes\": 1e30", "PG0314")]
    [InlineData("\"count\": 15", "\"count\": 9223372036854775807", "PG0309")]
    [InlineData("\"count\": 15", "\"count\": -15", "PG0314")]
    [InlineData("\"count\": 15", "\"size\": 15", "PG0314")]
    [InlineData("\"version\": 1", "\"version\": 2", "PG0314")]
    [InlineData("\"source\": \"Publikationen\"", "\"source\": \"Hunde\"", "PG0314")]
    [InlineData("\"name\": \"Personen\"", "\"name\": \"Projekte\"", "PG0314")]
    [InlineData("\"name\": \"Personen\"", "\"name\": null", "PG0314")]
    [InlineData("\"nodeTypes\": [", "\"nodeTypes\": [ null,", "PG0314")]
    [InlineData("\"edges\": 4882", "\"edges\": ", "PG0314")]
    public void Reading_refuses_a_schema_that_is_wrong(string from, string to, string id) => Refuse(id, folder =>
    {
        string json = File.ReadAllText(folder.At("schema.json"));
        Assert.Contains(from, json);
        int at = json.IndexOf(from, StringComparison.Ordinal);
        File.WriteAllText(folder.At("schema.json"), json[..at] + to + json[(at + from.Length)..]);
    });

    [Fact]
    public void Reading_refuses_a_schema_that_is_not_one()
    {
        Refuse("PG0314", folder => File.WriteAllText(folder.At("schema.json"), "[]"));
        Refuse("PG0314", folder => File.WriteAllText(folder.At("schema.json"), ""));
        Refuse("PG0314", folder => File.WriteAllText(folder.At("schema.json"), new string('[', 100_000)));
    }

    [Fact]
    public void Reading_refuses_columns_that_are_missing_or_of_another_type()
    {
        Refuse("PG0310", folder => WriteNodes(folder, new DataField<int>("kind"), new int[Sample.Graph.NodeCount]));
        Refuse("PG0313", folder => WriteNodes(folder, new DataField<long>("type"), new long[Sample.Graph.NodeCount]));
        Refuse("PG0313", folder => WriteNodes(folder, new DataField<float>("type"), new float[Sample.Graph.NodeCount]));
        Refuse("PG0309", folder => WriteNodes(folder, new DataField<int>("type"), new int[Sample.Graph.NodeCount - 1]));
        Refuse("PG0309", folder => WriteNodes(folder, new DataField<int>("type"), new int[Sample.Graph.NodeCount]));
        Refuse("PG0307", folder => WriteNodes(folder, new DataField<int>("type"), [.. Sample.Graph.NodeType[1..], 7]));
        Refuse("PG0307", folder => WriteNodes(folder, new DataField<int>("type"), [.. Sample.Graph.NodeType[1..], -1]));
    }

    [Fact]
    public void Reading_takes_nullable_columns_but_no_nulls()
    {
        int?[] types = [.. Sample.Graph.NodeType.ToArray().Select(type => (int?)type)];
        Assert.Equal(Sample.Graph.NodeCount, Read(folder => WriteNullableNodes(folder, types)).Graph.NodeCount);
        types[3] = null;
        Refuse("PG0313", folder => WriteNullableNodes(folder, types));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(728)]
    [InlineData(1L << 40)]
    public void Reading_refuses_ids_out_of_range(long id) => Refuse("PG0307", folder =>
    {
        long[] source = new long[Sample.Graph.EdgeCount];
        source[5] = id;
        var (src, dst, type) = (new DataField<long>("src"), new DataField<long>("dst"), new DataField<int>("type"));
        using var stream = File.Create(folder.At("edges.parquet"));
        WriteAsync().GetAwaiter().GetResult();

        async Task WriteAsync()
        {
            await using var writer = await ParquetWriter.CreateAsync(new ParquetSchema(src, dst, type), stream);
            using var group = writer.CreateRowGroup();
            await group.WriteAsync<long>(src, source);
            await group.WriteAsync<long>(dst, new long[source.Length]);
            await group.WriteAsync<int>(type, Sample.Graph.EdgeTypeOf.ToArray());
        }
    });

    /// <summary>One changed byte in the footer, found by the test below, makes Parquet.Net 6.1.0 run for ever.</summary>
    [Fact]
    public void Reading_refuses_a_footer_that_hangs_the_decoder()
    {
        const string file =
            "UEFSMRUAFdAEFVYsFZQBFQAVBhUGHBgEBgAAABgEAAAAABYAKAQGAAAAGAQAAAAAAAAAqAIwAAAAAAEAAAACAAAAAw0EEAQAAAAFygQACAYAAP4EAP4E" +
            "AP4EAGIEABUCGSxIBHJvb3QVAgAVAiUAGAR0eXBlJSJMrBMgEQAAABaUARkcGRwmCBwVAhklAAYZGAR0eXBlFQIWlAEWrgUWtAEmCDwYBAYAAAAYBAAA" +
            "AAAWACgEBgAAABgEAAAAAAAAABauBRaUATa0AQAoSlBhcnF1ZXQuTmV0IHZlcnNpb24gNi4xLjAgKGJ1aWxkIGMxNzlkOTdiZDI1NDliNWY0NGE5MjQx" +
            "ZTcyOWY4NjlkNDk0N2VlNTkppLoAAABQQVIx";
        Refuse("PG0312", folder => File.WriteAllBytes(folder.At("nodes.parquet"), Convert.FromBase64String(file)));
    }

    /// <summary>Whatever happens to a byte: the folder is read, or refused with a diagnostic, and soon.</summary>
    [Fact]
    public void Reading_survives_damaged_bytes()
    {
        using var folder = new TempFolder();
        GraphFolder.Write(folder.At("g"), GraphGenerator.Create(GraphShapes.Aifb.Scale(0.01), seed: 1));
        string[] files = ["g/nodes.parquet", "g/edges.parquet", "g/schema.json"];
        byte[][] contents = [.. files.Select(file => File.ReadAllBytes(folder.At(file)))];
        Gen.Select(Gen.Int[0, 2], Gen.Double.Unit, Gen.Byte).Sample((which, where, value) =>
        {
            byte[] bytes = [.. contents[which]];
            bytes[(int)(where * bytes.Length)] = value;
            File.WriteAllBytes(folder.At(files[which]), bytes);
            try
            {
                var graph = GraphFolder.Read(folder.At("g")).Graph;
                Assert.Equal(graph.EdgeCount, graph.Source.Length);
            }
            catch (PigeonException e)
            {
                Assert.StartsWith("PG0", e.Diagnostic.Id);
            }
            finally
            {
                File.WriteAllBytes(folder.At(files[which]), contents[which]);
            }
        }, iter: 1_000, threads: 1);
    }

    private static GraphDataset Read(Action<TempFolder> change)
    {
        using var folder = new TempFolder();
        Directory.Delete(folder.Path);
        GraphFolder.Write(folder.Path, Sample);
        change(folder);
        return GraphFolder.Read(folder.Path);
    }

    private static void Refuse(string id, Action<TempFolder> change) => Refusal.Of(id, () => Read(change));

    private static void WriteNodes<T>(TempFolder folder, DataField<T> field, T[] values)
        where T : struct
    {
        WriteAsync().GetAwaiter().GetResult();

        async Task WriteAsync()
        {
            await using var stream = File.Create(folder.At("nodes.parquet"));
            await using var writer = await ParquetWriter.CreateAsync(new ParquetSchema(field), stream);
            using var group = writer.CreateRowGroup();
            await group.WriteAsync<T>(field, values);
        }
    }

    private static void WriteNullableNodes(TempFolder folder, int?[] values)
    {
        WriteAsync().GetAwaiter().GetResult();

        async Task WriteAsync()
        {
            var field = new DataField<int?>("type");
            await using var stream = File.Create(folder.At("nodes.parquet"));
            await using var writer = await ParquetWriter.CreateAsync(new ParquetSchema(field), stream);
            using var group = writer.CreateRowGroup();
            await group.WriteAsync<int>(field, values);
        }
    }
}
