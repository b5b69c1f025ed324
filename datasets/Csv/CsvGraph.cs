using System.Runtime.InteropServices;
using Pigeon.Kernels;
using Pigeon.Runtime;

namespace Pigeon.Datasets;

/// <summary>
/// Graphs as CSV: a header with the columns <c>src</c>, <c>dst</c> and <c>type</c> in any order, then an edge a row. Other columns
/// are skipped. Types are named by their numbers, and there are as many as the largest number says. Files may be gzipped.
/// </summary>
public static class CsvGraph
{
    private static readonly string[] Columns = ["src", "dst", "type"];

    /// <summary>Reads a graph.</summary>
    /// <exception cref="PigeonException">
    /// PG0301: a file is missing. PG0302: damaged gzip. PG0306: a row is ragged. PG0307: a field is not an id. PG0309: node types are
    /// not as many as the nodes. PG0310: a column is missing. PG0311: an id is absurdly large.
    /// </exception>
    public static GraphDataset Read(string path, CsvGraphOptions? options = null)
    {
        int[]? nodeTypes = options?.NodeTypesPath is { } typesPath ? ReadNodeTypes(typesPath) : null;
        if (nodeTypes is not null && options?.NodeCount is { } stated)
        {
            Counts.RequireEqual(stated, nodeTypes.Length, "nodes", options.NodeTypesPath!);
        }

        int? nodes = nodeTypes?.Length ?? options?.NodeCount;
        List<int>[] ids = ReadColumns(path, (nodes - 1) ?? Counts.LargestId);
        int edges = ids[0].Count;
        int count = nodes ?? Counts.OfNodes(Math.Max(Largest(ids[0]), Largest(ids[1])), edges, path);
        int edgeTypes = Counts.OfTypes(Largest(ids[2]), edges, path);
        nodeTypes ??= new int[count];
        int nodeTypeCount = Math.Max(1, nodeTypes.DefaultIfEmpty().Max() + 1);
        var graph = HeteroGraph.Create(NumberNames.Of(nodeTypeCount), [.. NumberNames.Of(edgeTypes).Select(name => new EdgeType(name))],
            nodeTypes, CollectionsMarshal.AsSpan(ids[0]), CollectionsMarshal.AsSpan(ids[1]), CollectionsMarshal.AsSpan(ids[2]));
        string file = Path.GetFileName(path);
        return new(file, graph, $"CSV edges from {file}");
    }

    /// <summary>Writes the edges, in the order the graph keeps them.</summary>
    public static void WriteEdges(HeteroGraph graph, Stream stream)
    {
        var writer = new CsvWriter(stream);
        writer.WriteHeader("src,dst,type");
        for (int e = 0; e < graph.EdgeCount; e++)
        {
            writer.WriteRow([graph.Source[e], graph.Destination[e], graph.EdgeTypeOf[e]]);
        }

        writer.Flush();
    }

    /// <summary>Writes the type of each node, one a line, as <see cref="CsvGraphOptions.NodeTypesPath"/> is read.</summary>
    public static void WriteNodeTypes(HeteroGraph graph, Stream stream)
    {
        var writer = new CsvWriter(stream);
        foreach (int type in graph.NodeType)
        {
            writer.WriteRow([type]);
        }

        writer.Flush();
    }

    private static List<int>[] ReadColumns(string path, int largestNode)
    {
        using var lines = TextSource.OfFile(path).Lines();
        int[] columns = ReadHeader(lines, path, out int width);
        List<int>[] ids = [[], [], []];
        var fields = new Range[width];
        while (lines.NextFilled())
        {
            Fields.Require(width, Fields.Split(lines.Line, (byte)',', fields), "as many fields as the header has", lines);
            for (int c = 0; c < columns.Length; c++)
            {
                int largest = c < 2 ? largestNode : Counts.LargestId;
                ids[c].Add(lines.Id(lines.Line[fields[columns[c]]], Columns[c], largest));
            }
        }

        return ids;
    }

    /// <summary>Finds the position of each of <see cref="Columns"/>.</summary>
    private static int[] ReadHeader(LineReader lines, string path, out int width)
    {
        string[] header = lines.NextFilled() ? [.. lines.Text(lines.Line).Split(',').Select(name => name.Trim(' ', '"'))] : [];
        width = header.Length;
        return Array.ConvertAll(Columns, column => header.Count(name => name == column) == 1
            ? Array.IndexOf(header, column)
            : throw new PigeonException(DiagnosticIds.MissingColumn, $"the header has not exactly one column '{column}'", $"{path}:1",
                "the first line names the columns: src,dst,type"));
    }

    private static int[] ReadNodeTypes(string path)
    {
        using var lines = TextSource.OfFile(path).Lines();
        var types = new List<int>();
        while (lines.NextFilled())
        {
            types.Add(lines.Id(lines.Line, "node type", Counts.LargestId));
        }

        Counts.OfTypes(Largest(types), types.Count, path);
        return [.. types];
    }

    private static int Largest(List<int> ids) => ids.Count == 0 ? -1 : ids.Max();
}
