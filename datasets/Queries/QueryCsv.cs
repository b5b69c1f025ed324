using System.Collections.Immutable;
using Pigeon.Kernels;

namespace Pigeon.Datasets;

/// <summary>
/// Reads questions from CSV files as STaR (columns <c>edges</c>, <c>edge_labels</c>, <c>query_edge</c>, <c>query_label</c>) and
/// CLUTRR (<c>story_edges</c>, <c>edge_types</c>, <c>query_edge</c>, <c>target</c>) are published: one question a line, its graph as
/// Python literals. The header tells which it is.
/// </summary>
public static class QueryCsv
{
    /// <summary>The graphs are small: no node has a larger number.</summary>
    private const int LargestNode = 1 << 16;

    /// <summary>Reads one file; the relations are those that occur, in ordinal order.</summary>
    /// <param name="path">The file; decompressed if its name ends in <c>.gz</c>.</param>
    /// <exception cref="PigeonException">
    /// PG0301: a file is missing. PG0302: damaged gzip. PG0303: not text. PG0306: a row is ragged, or its lists don't fit each other. PG0307:
    /// a node has no number in range. PG0310: a column is missing. PG0328: a field isn't the list or pair that it should be. PG0325: there
    /// is no question in it, or one from a node to itself.
    /// </exception>
    public static QuerySet Read(string path) => Combine(Path.GetFileName(path), [TextSource.OfFile(path)]);

    /// <summary>Reads one file, whose relations must be among those given.</summary>
    /// <param name="path">The file; decompressed if its name ends in <c>.gz</c>.</param>
    /// <param name="relations">The relations.</param>
    /// <exception cref="PigeonException">As the other; and PG0308: a relation is not among those given.</exception>
    public static QuerySet Read(string path, ImmutableArray<string> relations) => Read(TextSource.OfFile(path), relations);

    /// <summary>Reads several files as one set; the relations are those that occur in any, in ordinal order.</summary>
    internal static QuerySet Combine(string name, IReadOnlyCollection<TextSource> files)
    {
        Raw[] raw = [.. files.SelectMany(ReadRaw)];
        ImmutableArray<string> relations = [.. Names(raw)];
        return new(name, relations, Resolve(raw, relations));
    }

    /// <summary>The relations that occur in files, in ordinal order.</summary>
    internal static ImmutableArray<string> RelationsOf(IEnumerable<TextSource> files) => [.. Names(files.SelectMany(ReadRaw))];

    /// <summary>Reads one file, whose relations must be among those given.</summary>
    internal static QuerySet Read(TextSource file, ImmutableArray<string> relations) =>
        new(Path.GetFileName(file.Name), relations, Resolve(ReadRaw(file), relations));

    private static IEnumerable<string> Names(IEnumerable<Raw> raw) =>
        raw.SelectMany(query => query.Types.Append(query.Answer)).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);

    private static ImmutableArray<RelationQuery> Resolve(IReadOnlyList<Raw> raw, ImmutableArray<string> relations)
    {
        var numbers = relations.Select((name, number) => (name, number)).ToDictionary(r => r.name, r => r.number, StringComparer.Ordinal);
        return [.. raw.Select(query => new RelationQuery(
            Math.Max(query.Edges.Select(edge => Math.Max(edge.First, edge.Second)).DefaultIfEmpty().Max(),
                Math.Max(query.Ends.First, query.Ends.Second)) + 1,
            [.. query.Edges.Select(edge => edge.First)], [.. query.Edges.Select(edge => edge.Second)],
            [.. query.Types.Select(name => Number(name, query))], query.Ends.First, query.Ends.Second, Number(query.Answer, query)))];

        int Number(string name, Raw query) => numbers.TryGetValue(name, out int number)
            ? number
            : throw new PigeonException(DiagnosticIds.UnknownName, $"relation {Untrusted(name)} is not known", query.Place,
                $"known are: {string.Join(", ", relations)}");
    }

    private static List<Raw> ReadRaw(TextSource file)
    {
        using LineReader lines = file.Lines();
        var fields = new QuotedFields(lines);
        bool story = fields.Has("story_edges");
        int edges = fields.Find(story ? "story_edges" : "edges");
        int types = fields.Find(story ? "edge_types" : "edge_labels");
        int ends = fields.Find("query_edge");
        int answer = fields.Find(story ? "target" : "query_label");
        var raw = new List<Raw>();
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        while (fields.Next())
        {
            var query = new Raw(lines.Place, PythonLiteral.Pairs(fields[edges], lines, LargestNode),
                [.. PythonLiteral.Strings(fields[types], lines).Select(Shared)], PythonLiteral.Pair(fields[ends], lines, LargestNode),
                Shared(lines.Text(fields[answer])));
            if (query.Edges.Count != query.Types.Count)
            {
                throw new PigeonException(DiagnosticIds.RaggedRow, $"{query.Edges.Count} edges have {query.Types.Count} relations",
                    lines.Place, "give each edge one");
            }

            if (query.Ends.First == query.Ends.Second)
            {
                throw new PigeonException(DiagnosticIds.InvalidQuery, $"the question is from node {query.Ends.First} to itself", lines.Place);
            }

            raw.Add(query);
        }

        return raw.Count > 0
            ? raw
            : throw new PigeonException(DiagnosticIds.InvalidQuery, "there is no question in it", file.Name, "was it cut short?");

        string Shared(string name) => names.TryGetValue(name, out string? known) ? known : names[name] = name;
    }

    private static string Untrusted(string name) => $"'{LineReader.Excerpt(System.Text.Encoding.UTF8.GetBytes(name))}'";

    private sealed record Raw(string Place, List<(int First, int Second)> Edges, List<string> Types, (int First, int Second) Ends, string Answer);
}
