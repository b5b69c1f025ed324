using Pigeon.Kernels;

namespace Pigeon.Datasets;

/// <summary>
/// Reads kgbench's integer form: <c>triples.int.csv</c> with rows subject, relation, object and no header, and, where present,
/// <c>relations.int.csv</c> with columns index, label. Each may be gzipped. There are as many nodes as the largest id says.
/// </summary>
public static class KgbenchTriples
{
    private const string Triples = "triples.int.csv";
    private const string Relations = "relations.int.csv";

    /// <summary>Reads a folder. All triples are in the train split: what kgbench splits is nodes.</summary>
    /// <exception cref="PigeonException">
    /// PG0301: a file is missing. PG0302: damaged gzip. PG0303: not text. PG0306: a row is ragged. PG0307: an id is out of range.
    /// PG0309: relations are not numbered from 0. PG0311: an id is absurdly large.
    /// </exception>
    public static TripleSet Read(string folder)
    {
        string[]? relations = TextSource.Find(folder, Relations) is { } file ? ReadRelations(file) : null;
        int largestRelation = relations is null ? Counts.LargestId : relations.Length - 1;
        var triples = new TripleList();
        int largestNode = -1;
        int largestUsed = -1;
        using var lines = TextSource.Require(folder, Triples).Lines();
        Span<Range> fields = stackalloc Range[3];
        while (lines.NextFilled())
        {
            Fields.Require(3, Fields.Split(lines.Line, (byte)',', fields), "subject, relation, object", lines);
            int subject = lines.Id(lines.Line[fields[0]], "subject", Counts.LargestId);
            int relation = lines.Id(lines.Line[fields[1]], "relation", largestRelation);
            int @object = lines.Id(lines.Line[fields[2]], "object", Counts.LargestId);
            triples.Add(subject, relation, @object);
            largestNode = Math.Max(largestNode, Math.Max(subject, @object));
            largestUsed = Math.Max(largestUsed, relation);
        }

        int nodes = Counts.OfNodes(largestNode, triples.Count, folder);
        relations ??= NumberNames.Of(Counts.OfTypes(largestUsed, triples.Count, folder));
        string name = Path.GetFileName(Path.TrimEndingDirectorySeparator(folder));
        return new(name, $"kgbench integer triples from {name}", nodes, relations) { Train = triples };
    }

    /// <summary>Whether a folder has the layout.</summary>
    internal static bool IsIn(string folder) => TextSource.Find(folder, Triples) is not null;

    private static string[] ReadRelations(TextSource source)
    {
        using var lines = source.Lines();
        var names = new List<string>();
        for (lines.NextFilled(); lines.NextFilled();)
        {
            int cut = lines.Line.IndexOf((byte)',');
            Fields.Require(2, cut < 0 ? 1 : 2, "index,label, after a header", lines);
            Counts.RequireEqual(lines.Id(lines.Line[..cut], "index", Counts.LargestId), names.Count, "relations before it", lines.Place);
            names.Add(lines.Text(lines.Line[(cut + 1)..].Trim((byte)'"')));
        }

        return [.. names];
    }
}
