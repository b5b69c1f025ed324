using Pigeon.Kernels;

namespace Pigeon.Datasets;

/// <summary>
/// Reads OpenKE's id-coded triples: files whose first line is the number of rows, and whose rows are head, tail, relation,
/// separated by spaces. <c>entity2id.txt</c> and <c>relation2id.txt</c> (name, id), where present, give names and counts, so that
/// entities without a fact stay. Each file may be gzipped.
/// </summary>
public static class OpenKeTriples
{
    private const string Train = "train2id.txt";
    private const string Valid = "valid2id.txt";
    private const string Test = "test2id.txt";
    private const string Entities = "entity2id.txt";
    private const string Relations = "relation2id.txt";

    /// <summary>Reads a folder with <c>train2id.txt</c>, or one such file, which then is the train split.</summary>
    /// <exception cref="PigeonException">
    /// PG0301: a file is missing. PG0302: damaged gzip. PG0303: not text. PG0306: a row is ragged. PG0307: an id is out of range.
    /// PG0309: the first line is not the number of rows, or ids are not each there once. PG0311: an id is absurdly large.
    /// </exception>
    public static TripleSet Read(string path)
    {
        bool isFolder = Directory.Exists(path);
        string folder = isFolder ? path : Path.GetDirectoryName(Path.GetFullPath(path))!;
        string[]? entities = TextSource.Find(folder, Entities) is { } entityFile ? ReadNames(entityFile) : null;
        string[]? relations = TextSource.Find(folder, Relations) is { } relationFile ? ReadNames(relationFile) : null;
        TextSource?[] files = isFolder
            ? [TextSource.Require(folder, Train), TextSource.Find(folder, Valid), TextSource.Find(folder, Test)]
            : [TextSource.OfFile(path), null, null];
        int largestEntity = entities is null ? Counts.LargestId : entities.Length - 1;
        int largestRelation = relations is null ? Counts.LargestId : relations.Length - 1;
        TripleList[] splits = [.. files.Select(file => file is null ? new() : ReadSplit(file, largestEntity, largestRelation))];

        int facts = splits.Sum(split => split.Count);
        int entityCount = entities?.Length ?? Counts.OfNodes(splits.Max(s => Math.Max(Largest(s.Heads), Largest(s.Tails))), facts, path);
        int relationCount = relations?.Length ?? Counts.OfTypes(splits.Max(s => Largest(s.Relations)), facts, path);
        string name = Path.GetFileName(Path.TrimEndingDirectorySeparator(path));
        return new(name, $"id-coded triples from {name}", entityCount, relations ?? NumberNames.Of(relationCount), entities)
        {
            Train = splits[0],
            Valid = splits[1],
            Test = splits[2],
        };
    }

    /// <summary>Whether a folder has the layout.</summary>
    internal static bool IsIn(string folder) => TextSource.Find(folder, Train) is not null;

    private static int Largest(ReadOnlySpan<int> ids)
    {
        int largest = -1;
        foreach (int id in ids)
        {
            largest = Math.Max(largest, id);
        }

        return largest;
    }

    private static TripleList ReadSplit(TextSource source, int largestEntity, int largestRelation)
    {
        using var lines = source.Lines();
        int stated = ReadCount(lines);
        var triples = new TripleList();
        Span<Range> fields = stackalloc Range[3];
        while (lines.NextFilled())
        {
            Fields.Require(3, Fields.SplitAtSpace(lines.Line, fields), "head tail relation, after a first line with their number", lines);
            int head = lines.Id(lines.Line[fields[0]], "head", largestEntity);
            int tail = lines.Id(lines.Line[fields[1]], "tail", largestEntity);
            triples.Add(head, lines.Id(lines.Line[fields[2]], "relation", largestRelation), tail);
        }

        Counts.RequireEqual(stated, triples.Count, "triples", source.Name);
        return triples;
    }

    private static string[] ReadNames(TextSource source)
    {
        using var lines = source.Lines();
        int stated = ReadCount(lines);
        var names = new List<(int Id, string Name)>();
        while (lines.NextFilled())
        {
            var line = lines.Line.Trim((byte)' ');
            int cut = line.LastIndexOfAny((byte)'\t', (byte)' ');
            Fields.Require(2, cut < 0 ? 1 : 2, "name id, after a first line with their number", lines);
            names.Add((lines.Id(line[(cut + 1)..], "id", stated - 1), lines.Text(line[..cut])));
        }

        Counts.RequireEqual(stated, names.Count, "names", source.Name);
        Counts.RequireEqual(stated, names.DistinctBy(n => n.Id).Count(), "different ids", source.Name);
        return [.. names.OrderBy(n => n.Id).Select(n => n.Name)];
    }

    private static int ReadCount(LineReader lines) => lines.NextFilled() ? lines.Id(lines.Line, "count", Counts.LargestId) : 0;
}
