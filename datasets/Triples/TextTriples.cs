using Pigeon.Kernels;

namespace Pigeon.Datasets;

/// <summary>
/// Reads triples of names, separated by tabs: a folder or <c>.tar.gz</c> with <c>train.txt</c> and, where there are,
/// <c>valid.txt</c>, <c>test.txt</c>, <c>entities.dict</c>, <c>relations.dict</c>; or a single file. Each may be gzipped.
/// Ids are those of the <c>.dict</c> files; without them names are numbered in order of first appearance in train, valid, test.
/// </summary>
public static class TextTriples
{
    private const string Train = "train.txt";
    private const string Valid = "valid.txt";
    private const string Test = "test.txt";
    private const string Entities = "entities.dict";
    private const string Relations = "relations.dict";

    /// <summary>Reads a folder, an archive or a file.</summary>
    /// <exception cref="PigeonException">
    /// PG0301: a file is missing. PG0302: damaged archive. PG0303: not text. PG0306: a row is ragged. PG0307, PG0309: a <c>.dict</c>
    /// file doesn't number its names from 0. PG0308: a name is not in the <c>.dict</c> file.
    /// </exception>
    public static TripleSet Read(string path, TripleOrder order = TripleOrder.HeadRelationTail)
    {
        var files = Locate(path);
        var entities = Names(files, Entities, out bool entitiesFixed);
        var relations = Names(files, Relations, out bool relationsFixed);
        TripleList[] splits = [.. new[] { Train, Valid, Test }.Select(split => files.TryGetValue(split, out var source)
            ? ReadSplit(source, order, entities, entitiesFixed, relations, relationsFixed)
            : new())];
        string name = Path.GetFileName(Path.TrimEndingDirectorySeparator(path));
        return new(name, $"triples of names from {name}", entities.Items.Count, relations.Items, entities.Items)
        {
            Train = splits[0],
            Valid = splits[1],
            Test = splits[2],
        };
    }

    /// <summary>Whether a folder has the layout.</summary>
    internal static bool IsIn(string folder) => TextSource.Find(folder, Train) is not null || ArchiveIn(folder) is not null;

    /// <summary>The archive of a folder; null where there is none, or several.</summary>
    private static string? ArchiveIn(string folder) =>
        Directory.EnumerateFiles(folder).Where(IsArchive).Take(2).ToArray() is [var archive] ? archive : null;

    private static bool IsArchive(string path) => path.EndsWith(".tar.gz", StringComparison.OrdinalIgnoreCase) ||
        path.EndsWith(".tgz", StringComparison.OrdinalIgnoreCase);

    private static Dictionary<string, TextSource> Locate(string path)
    {
        string[] names = [Train, Valid, Test, Entities, Relations];
        if (File.Exists(path) && !IsArchive(path))
        {
            return new() { [Train] = TextSource.OfFile(path) };
        }

        string folder = Directory.Exists(path) ? path : Path.GetDirectoryName(Path.GetFullPath(path))!;
        string? archive = folder != path ? path : TextSource.Find(folder, Train) is null ? ArchiveIn(folder) : null;
        var found = archive is null ? [] : TextSource.FindInArchive(archive, names);
        foreach (string name in names)
        {
            bool isSplit = name is Train or Valid or Test;
            if (!(isSplit && archive is not null) && TextSource.Find(folder, name) is { } file)
            {
                found[name] = file;
            }
        }

        return found.ContainsKey(Train) ? found : throw new PigeonException(DiagnosticIds.Unreadable, $"holds no {Train}", path);
    }

    private static Numbering<string> Names(Dictionary<string, TextSource> files, string file, out bool given)
    {
        var names = new Numbering<string>();
        given = files.TryGetValue(file, out var source);
        if (source is null)
        {
            return names;
        }

        using var lines = source.Lines();
        Span<Range> fields = stackalloc Range[2];
        while (lines.NextFilled())
        {
            Fields.Require(2, Fields.Split(lines.Line, (byte)'\t', fields), "id, name", lines);
            int next = names.Items.Count;
            int id = lines.Id(lines.Line[fields[0]], "id", Counts.LargestId);
            if (id != next || names[lines.Text(lines.Line[fields[1]])] != next)
            {
                throw new PigeonException(DiagnosticIds.CountDisagrees, $"expected id {next} and a name that is new", lines.Place,
                    "names are numbered from 0 in order");
            }
        }

        return names;
    }

    private static TripleList ReadSplit(TextSource source, TripleOrder order, Numbering<string> entities, bool entitiesFixed,
        Numbering<string> relations, bool relationsFixed)
    {
        var (headColumn, relationColumn) = order == TripleOrder.HeadRelationTail ? (0, 1) : (1, 0);
        var triples = new TripleList();
        using var lines = source.Lines();
        Span<Range> fields = stackalloc Range[3];
        while (lines.NextFilled())
        {
            Fields.Require(3, Fields.Split(lines.Line, (byte)'\t', fields), "three names, separated by tabs", lines);
            int head = Number(entities, entitiesFixed, lines, fields[headColumn]);
            int relation = Number(relations, relationsFixed, lines, fields[relationColumn]);
            triples.Add(head, relation, Number(entities, entitiesFixed, lines, fields[2]));
        }

        return triples;
    }

    private static int Number(Numbering<string> names, bool isFixed, LineReader lines, Range field)
    {
        string name = lines.Text(lines.Line[field]);
        return !isFixed ? names[name] : names.TryFind(name, out int number) ? number : throw new PigeonException(
            DiagnosticIds.UnknownName, $"'{LineReader.Excerpt(lines.Line[field])}' is not in the .dict file", lines.Place,
            "add the name, or remove the .dict file to number names as they come");
    }
}
