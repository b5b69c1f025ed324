using System.Globalization;
using Pigeon.Kernels;

namespace Pigeon.Datasets;

/// <summary>
/// Reads the labels of any graph from text files. Classes are numbered in the order of their numbers where all are whole numbers, else
/// in ordinal order of their names.
/// </summary>
public static class LabelFiles
{
    private const string SplitColumn = "split";

    /// <summary>Reads all files.</summary>
    /// <param name="files">The files; together they hold all splits.</param>
    /// <param name="graph">The graph that they label.</param>
    /// <param name="nameOf">The graph's name for a node that a file names otherwise, or null; files by the graph's own names need none.</param>
    /// <exception cref="PigeonException">
    /// PG0301, PG0302, PG0303: a file can't be read. PG0306: a row is ragged. PG0310: a column is missing. PG0321: a node twice in a
    /// split. PG0322: a node is not in the graph. PG0323: a split is unknown. PG0324: a class is to be recognised that none of the train
    /// nodes has.
    /// </exception>
    public static NodeLabels Read(IReadOnlyList<LabelFile> files, GraphDataset graph, Func<string, string?>? nameOf = null)
    {
        List<Row> rows = [.. files.SelectMany(ReadRows)];
        string[] classes = Ordered(rows.Select(row => row.Class).Distinct());
        var classOf = classes.Select((name, i) => (name, i)).ToDictionary(pair => pair.name, pair => pair.i);
        RequireLearnable(rows);
        var nodes = new NodeNames(graph);
        var lists = NodeLabels.SplitNames.ToDictionary(name => name, _ => new LabelList());
        foreach (Row row in rows)
        {
            int node = nodes.Find(row.Node) ?? (nameOf?.Invoke(row.Node) is { } name ? nodes.Find(name) : null) ??
                throw new PigeonException(DiagnosticIds.UnknownLabelledNode, $"'{Excerpt(row.Node)}' is not a node of the graph", row.Place,
                    nodes.AreNamed ? "use the names of the graph's nodes" : "nodes have no names here: use their numbers, from 0");
            lists[row.Split].Add(node, classOf[row.Class], row.Place);
        }

        LabelledNodes[] splits = [.. NodeLabels.SplitNames.Select(name => lists[name].ToLabels())];
        return new([.. classes], splits[0], splits[1], splits[2]);
    }

    private static IEnumerable<Row> ReadRows(LabelFile file)
    {
        using LineReader lines = TextSource.OfFile(file.Path).Lines();
        string[] header = lines.NextFilled() ? Split(lines, separator: null) : [];
        char separator = header.Length > 0 && lines.Line.Contains((byte)'\t') ? '\t' : ',';
        int node = Column(header, file.NodeColumn, lines);
        int @class = Column(header, file.ClassColumn, lines);
        int split = file.Split is null ? Column(header, SplitColumn, lines) : -1;
        while (lines.NextFilled())
        {
            string[] fields = Split(lines, separator);
            Fields.Require(header.Length, fields.Length, "as many fields as the header has", lines);
            yield return new(fields[node], fields[@class], SplitOf(file.Split ?? fields[split], lines), lines.Place);
        }
    }

    private static string[] Split(LineReader lines, char? separator)
    {
        string line = lines.Text(lines.Line);
        char cut = separator ?? (line.Contains('\t') ? '\t' : ',');
        return Fields.SplitQuoted(line, cut) ?? throw new PigeonException(DiagnosticIds.RaggedRow, "a quote is not closed", lines.Place,
            "a field with commas or quotes stands in double quotes, and quotes inside are doubled");
    }

    private static int Column(string[] header, string name, LineReader lines) =>
        header.Count(column => column == name) == 1 ? Array.IndexOf(header, name) : throw new PigeonException(DiagnosticIds.MissingColumn,
            $"the header has not exactly one column '{name}'", lines.Place, header.Length == 0 ? "the first line names the columns"
                : $"columns are {string.Join(", ", header.Select(Excerpt))}" +
                    (name == SplitColumn ? "; or say which split the whole file is, as train=FILE" : ""));

    private static string SplitOf(string text, LineReader lines) => NodeLabels.SplitNames.Contains(text) ? text
        : throw new PigeonException(DiagnosticIds.UnknownSplit, $"'{Excerpt(text)}' is no split", lines.Place,
            $"a split is one of {string.Join(", ", NodeLabels.SplitNames)}");

    /// <summary>Refuses a class that can only be got wrong: it occurs, but not among the nodes to learn from.</summary>
    private static void RequireLearnable(List<Row> rows)
    {
        HashSet<string> learned = [.. rows.Where(row => row.Split == NodeLabels.SplitNames[0]).Select(row => row.Class)];
        if (learned.Count > 0 && rows.Find(row => !learned.Contains(row.Class)) is { } unknown)
        {
            throw new PigeonException(DiagnosticIds.UnknownClass, $"no train node has the class '{Excerpt(unknown.Class)}'", unknown.Place,
                "correct its name, or leave out what can't be learned");
        }
    }

    private static string[] Ordered(IEnumerable<string> classes)
    {
        string[] names = [.. classes];
        return names.All(name => long.TryParse(name, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _))
            ? [.. names.OrderBy(name => long.Parse(name, CultureInfo.InvariantCulture)).ThenBy(name => name, StringComparer.Ordinal)]
            : [.. names.Order(StringComparer.Ordinal)];
    }

    private static string Excerpt(string text) => LineReader.Excerpt(System.Text.Encoding.UTF8.GetBytes(text));

    private sealed record Row(string Node, string Class, string Split, string Place);

    /// <summary>Nodes by name, the first of each name; by number where they have no names.</summary>
    private sealed class NodeNames
    {
        private readonly Dictionary<string, int>? byName;
        private readonly int count;

        public NodeNames(GraphDataset graph)
        {
            count = graph.Graph.NodeCount;
            byName = graph.NodeNames is null ? null : new(count, StringComparer.Ordinal);
            for (int node = 0; node < graph.NodeNames?.Count; node++)
            {
                byName!.TryAdd(graph.NodeNames[node], node);
            }
        }

        public bool AreNamed => byName is not null;

        public int? Find(string text) => byName is not null
            ? byName.TryGetValue(text, out int named) ? named : null
            : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int node) && node < count ? node : null;
    }
}
