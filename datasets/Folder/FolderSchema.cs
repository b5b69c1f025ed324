using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Pigeon.Kernels;
using Pigeon.Runtime;

namespace Pigeon.Datasets;

/// <summary>What <c>schema.json</c> of a graph folder says.</summary>
/// <param name="Format">Always <see cref="FormatName"/>.</param>
/// <param name="Version">The version of the format; this is 1.</param>
/// <param name="Name">The dataset's name.</param>
/// <param name="Provenance">Where it comes from.</param>
/// <param name="Nodes">The rows of <c>nodes.parquet</c>.</param>
/// <param name="Edges">The rows of <c>edges.parquet</c>.</param>
/// <param name="HasNames">Whether there is <c>names.parquet</c>.</param>
/// <param name="NodeTypes">The node types.</param>
/// <param name="EdgeTypes">The edge types.</param>
/// <param name="Labels">What <c>labels.parquet</c> holds; absent where there is none.</param>
internal sealed record FolderSchema(string Format, int Version, string Name, string Provenance, long Nodes, long Edges, bool HasNames,
    IReadOnlyList<FolderNodeType> NodeTypes, IReadOnlyList<FolderEdgeType> EdgeTypes,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] FolderLabels? Labels = null)
{
    public const string FormatName = "pigeon-graph";
    public const string FileName = "schema.json";
    private const int CurrentVersion = 1;
    private const long LargestFile = 1 << 28;

    private static readonly JsonSerializerOptions Options = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        WriteIndented = true,
    };

    public static FolderSchema Of(GraphDataset dataset)
    {
        var graph = dataset.Graph;
        int[] nodes = Count(graph.NodeType, graph.NodeTypes.Length);
        int[] edges = Count(graph.EdgeTypeOf, graph.EdgeTypes.Length);
        return new(FormatName, CurrentVersion, dataset.Name, dataset.Provenance, graph.NodeCount, graph.EdgeCount,
            dataset.NodeNames is not null,
            [.. graph.NodeTypes.Select((name, k) => new FolderNodeType(name, nodes[k]))],
            [.. graph.EdgeTypes.Select((type, r) =>
                new FolderEdgeType(type.Name, End(type.SourceType), End(type.DestinationType), edges[r]))],
            dataset.Labels is { } labels ? new(labels.ClassNames, labels.Splits.Sum(split => split.Labels.Count)) : null);

        string? End(int nodeType) => nodeType < 0 ? null : graph.NodeTypes[nodeType];
    }

    /// <summary>Reads and checks the file of a folder.</summary>
    /// <exception cref="PigeonException">
    /// PG0301: it is not there. PG0309: its counts disagree. PG0311: they are absurd. PG0314: it is not valid.
    /// </exception>
    public static FolderSchema Read(string folder)
    {
        string path = Path.Combine(folder, FileName);
        byte[] json = TextSource.Guard(path, () => new FileInfo(path).Length <= LargestFile ? File.ReadAllBytes(path) : []);
        FolderSchema schema;
        try
        {
            schema = JsonSerializer.Deserialize<FolderSchema>(json, Options) ?? throw new JsonException("null");
        }
        catch (JsonException e)
        {
            throw new PigeonException(new Diagnostic(DiagnosticIds.InvalidSchema, $"is not a schema: {e.Message}", path,
                "write the folder again with pigeon import"), e);
        }

        schema.Check(path);
        return schema;
    }

    public void Write(string folder) =>
        File.WriteAllBytes(Path.Combine(folder, FileName), JsonSerializer.SerializeToUtf8Bytes(this, Options));

    /// <summary>The edge types, ends as indices.</summary>
    public IReadOnlyList<EdgeType> ToEdgeTypes(string path)
    {
        var index = NodeTypes.Select((type, k) => (type.Name, k)).ToDictionary(pair => pair.Name, pair => pair.k);
        return [.. EdgeTypes.Select(type => new EdgeType(type.Name, End(type.Source), End(type.Destination)))];

        int End(string? name) => name is null ? -1
            : index.TryGetValue(name, out int k) ? k
            : throw Invalid(path, $"no node type is '{name}'");
    }

    private void Check(string path)
    {
        if (Format != FormatName || Version != CurrentVersion)
        {
            throw Invalid(path, $"format '{Format}', version {Version}, is not {FormatName}, version {CurrentVersion}");
        }

        // The JSON reader checks members for null, but not the elements of lists.
        if (NodeTypes.Contains(null!) || EdgeTypes.Contains(null!) || NodeTypes.Count == 0 ||
            NodeTypes.DistinctBy(type => type.Name).Count() != NodeTypes.Count ||
            NodeTypes.Any(type => type.Count < 0) || EdgeTypes.Any(type => type.Edges < 0))
        {
            throw Invalid(path, "node types must be at least one and have different names, and counts are not negative");
        }

        if (Nodes is < 0 or > Counts.LargestId || Edges is < 0 or > Counts.LargestId)
        {
            throw new PigeonException(DiagnosticIds.AbsurdCount, 
                $"{Nodes} nodes and {Edges} edges are not between 0 and {Counts.LargestId}", path,
                "graphs stay below 2^31 nodes and edges");
        }

        if (Labels is { } labels && (labels.Classes.Contains(null!) || labels.Rows is < 0 or > Counts.LargestId ||
            labels.Rows > NodeLabels.SplitNames.Length * Nodes))
        {
            throw Invalid(path, "classes must have names, and a node has a label at most in each split");
        }

        RequireSum(Nodes, NodeTypes.Select(type => type.Count), "nodes", path);
        RequireSum(Edges, EdgeTypes.Select(type => type.Edges), "edges", path);
    }

    private static void RequireSum(long stated, IEnumerable<long> counts, string what, string path) =>
        Counts.RequireEqual(stated, (long)decimal.Min(counts.Sum(count => (decimal)count), long.MaxValue), $"{what} in all types", path);

    private static PigeonException Invalid(string path, string what) => new(DiagnosticIds.InvalidSchema, what, path);

    private static int[] Count(ReadOnlySpan<int> types, int count)
    {
        int[] counts = new int[count];
        foreach (int type in types)
        {
            counts[type]++;
        }

        return counts;
    }
}
