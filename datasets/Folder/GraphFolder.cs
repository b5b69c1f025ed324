using Parquet;
using Parquet.Schema;
using Pigeon.Kernels;
using Pigeon.Runtime;

namespace Pigeon.Datasets;

/// <summary>
/// Pigeon's own form of a graph, a folder: <c>schema.json</c> with names, types and counts; <c>nodes.parquet</c> with the column
/// <c>type</c> (int32); <c>edges.parquet</c> with <c>src</c>, <c>dst</c> (int64) and <c>type</c> (int32); where nodes have names,
/// <c>names.parquet</c> with <c>name</c>; and, where some have labels, <c>labels.parquet</c> with <c>node</c> (int64), <c>class</c> (int32)
/// and <c>split</c>. Edges keep their order. Splits of facts are not kept.
/// </summary>
public static class GraphFolder
{
    private const string Nodes = "nodes.parquet";
    private const string Edges = "edges.parquet";
    private const string Names = "names.parquet";
    private const string Source = "src";
    private const string Destination = "dst";
    private const string Type = "type";
    private const string Name = "name";

    /// <summary>Writes a folder as a whole: an error leaves what was there before.</summary>
    /// <param name="path">The folder; it is new, empty, or holds a graph, which is replaced.</param>
    /// <param name="dataset">What to write.</param>
    /// <param name="cancellation">Stops the writing.</param>
    /// <exception cref="PigeonException">
    /// PG0307: a label is of no node. PG0315: the folder holds something else. PG0316: it can't be written.
    /// </exception>
    public static void Write(string path, GraphDataset dataset, CancellationToken cancellation = default)
    {
        string target = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        if (Path.Exists(target) && !MayReplace(target))
        {
            throw new PigeonException(DiagnosticIds.NotAGraphFolder, "is there and holds something other than a graph", target,
                "give a new name, or empty the folder");
        }

        string suffix = Guid.NewGuid().ToString("N");
        string fresh = $"{target}.{suffix}.new";
        string old = $"{target}.{suffix}.old";
        try
        {
            Directory.CreateDirectory(fresh);
            WriteFilesAsync(fresh, dataset, cancellation).GetAwaiter().GetResult();
            Replace(target, fresh, old);
            Delete(old);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new PigeonException(new Diagnostic(DiagnosticIds.Unwritable, $"can't be written: {e.Message}", target), e);
        }
        finally
        {
            Delete(fresh);
        }
    }

    /// <summary>Reads a folder after checking all of it.</summary>
    /// <exception cref="PigeonException">
    /// PG0301: a file is missing. PG0309: a count disagrees with <c>schema.json</c>. PG0310: a column is missing. PG0311: a count is
    /// absurd. PG0312: a file is damaged. PG0313: a column has the wrong type or nulls. PG0314: <c>schema.json</c> is not valid.
    /// PG0307: an id is out of range. PG0212: edges contradict their type. PG0321: a node has two labels in a split. PG0323: a split is
    /// unknown.
    /// </exception>
    public static GraphDataset Read(string path, CancellationToken cancellation = default) =>
        ReadAsync(path, cancellation).GetAwaiter().GetResult();

    /// <summary>Whether a folder has the form, by its <c>schema.json</c>.</summary>
    internal static bool IsGraphFolder(string path) => File.Exists(Path.Combine(path, FolderSchema.FileName));

    private static async Task<GraphDataset> ReadAsync(string path, CancellationToken cancellation)
    {
        var schema = FolderSchema.Read(path);
        int nodes = (int)schema.Nodes;
        int edges = (int)schema.Edges;
        string schemaPath = Path.Combine(path, FolderSchema.FileName);
        string nodesPath = Path.Combine(path, Nodes);
        int[] nodeType;
        await using (var table = await ParquetTable.OpenAsync(nodesPath, nodes, cancellation))
        {
            nodeType = await table.ReadAsync<int>(Type, cancellation);
        }

        string[]? names = null;
        if (schema.HasNames)
        {
            await using var table = await ParquetTable.OpenAsync(Path.Combine(path, Names), nodes, cancellation);
            names = await table.ReadTextAsync(Name, cancellation);
        }

        string edgesPath = Path.Combine(path, Edges);
        await using var edgeTable = await ParquetTable.OpenAsync(edgesPath, edges, cancellation);
        int[] edgeType = await edgeTable.ReadAsync<int>(Type, cancellation);
        int[] source = Ids(await edgeTable.ReadAsync<long>(Source, cancellation), nodes, Source, edgesPath);
        int[] destination = Ids(await edgeTable.ReadAsync<long>(Destination, cancellation), nodes, Destination, edgesPath);
        RequireCounts(nodeType, [.. schema.NodeTypes.Select(type => type.Count)], nodesPath);
        RequireCounts(edgeType, [.. schema.EdgeTypes.Select(type => type.Edges)], edgesPath);
        var graph = HeteroGraph.Create([.. schema.NodeTypes.Select(type => type.Name)], schema.ToEdgeTypes(schemaPath), nodeType, source,
            destination, edgeType);
        return new(schema.Name, graph, schema.Provenance, names)
        {
            Labels = schema.Labels is { } labels ? await LabelTable.ReadAsync(path, labels, nodes, cancellation) : null,
        };
    }

    private static async Task WriteFilesAsync(string folder, GraphDataset dataset, CancellationToken cancellation)
    {
        var graph = dataset.Graph;
        var type = new DataField<int>(Type);
        var source = new DataField<long>(Source);
        var destination = new DataField<long>(Destination);
        await ParquetTable.WriteAsync(Path.Combine(folder, Nodes), [type], graph.NodeCount, async (group, start, count) =>
            await group.WriteAsync<int>(type, graph.NodeType.Slice(start, count).ToArray(), cancellationToken: cancellation), cancellation);
        await ParquetTable.WriteAsync(Path.Combine(folder, Edges), [source, destination, type], graph.EdgeCount,
            WriteEdgesAsync, cancellation);
        if (dataset.NodeNames is { } names)
        {
            var name = new DataField<string>(Name, nullable: false);
            await ParquetTable.WriteAsync(Path.Combine(folder, Names), [name], names.Count, async (group, start, count) =>
                await group.WriteAsync(name, names.Skip(start).Take(count).ToArray()), cancellation);
        }

        if (dataset.Labels is { } labels)
        {
            labels.RequireNodes(graph.NodeCount);
            await LabelTable.WriteAsync(folder, labels, cancellation);
        }

        FolderSchema.Of(dataset).Write(folder);

        async Task WriteEdgesAsync(ParquetRowGroupWriter group, int start, int count)
        {
            await group.WriteAsync<long>(source, Widen(graph.Source.Slice(start, count)), cancellationToken: cancellation);
            await group.WriteAsync<long>(destination, Widen(graph.Destination.Slice(start, count)), cancellationToken: cancellation);
            await group.WriteAsync<int>(type, graph.EdgeTypeOf.Slice(start, count).ToArray(), cancellationToken: cancellation);
        }
    }

    private static long[] Widen(ReadOnlySpan<int> ids)
    {
        long[] wide = new long[ids.Length];
        for (int i = 0; i < wide.Length; i++)
        {
            wide[i] = ids[i];
        }

        return wide;
    }

    private static int[] Ids(long[] wide, int nodes, string column, string path)
    {
        int[] ids = new int[wide.Length];
        for (int i = 0; i < ids.Length; i++)
        {
            ids[i] = (ulong)wide[i] < (ulong)nodes ? (int)wide[i] : throw new PigeonException(DiagnosticIds.NotAnId,
                $"row {i}: {column} {wide[i]} is not a node, 0 … {nodes - 1}", path);
        }

        return ids;
    }

    private static void RequireCounts(int[] types, long[] stated, string path)
    {
        long[] found = new long[stated.Length];
        for (int i = 0; i < types.Length; i++)
        {
            if ((uint)types[i] >= (uint)found.Length)
            {
                throw new PigeonException(DiagnosticIds.NotAnId, $"row {i}: type {types[i]} is not in 0 … {found.Length - 1}", path);
            }

            found[types[i]]++;
        }

        for (int k = 0; k < stated.Length; k++)
        {
            Counts.RequireEqual(stated[k], found[k], $"rows of type {k} in {FolderSchema.FileName}", path);
        }
    }

    /// <summary>An empty folder, or one that holds a graph and nothing else.</summary>
    private static bool MayReplace(string target)
    {
        if (!Directory.Exists(target))
        {
            return false;
        }

        string[] entries = [.. Directory.EnumerateFileSystemEntries(target).Select(entry => Path.GetFileName(entry)!)];
        return entries.Length == 0 || (entries.Contains(FolderSchema.FileName) &&
            entries.All(entry => entry is FolderSchema.FileName or Nodes or Edges or Names or LabelTable.FileName));
    }

    private static void Replace(string target, string fresh, string old)
    {
        bool replaces = Directory.Exists(target);
        if (replaces)
        {
            Directory.Move(target, old);
        }

        try
        {
            Directory.Move(fresh, target);
        }
        catch when (replaces)
        {
            Directory.Move(old, target);
            throw;
        }
    }

    private static void Delete(string folder)
    {
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
