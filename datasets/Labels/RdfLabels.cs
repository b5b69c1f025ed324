using System.Globalization;
using Pigeon.Kernels;

namespace Pigeon.Datasets;

/// <summary>
/// Reads the labels of the RDF datasets: a train and a test file of values separated by tabs, whose header names a column with the
/// IRI of the node and one with its class. Classes are numbered in ordinal order of their names. No nodes are set aside to validate.
/// </summary>
public static class RdfLabels
{
    /// <summary>Reads the splits of a folder.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="vocabulary">The dataset.</param>
    /// <param name="rules">
    /// The rules that made the graph. By PyG's a label belongs to the node of the IRI, by DGL's to the entity that the IRI stands for.
    /// </param>
    /// <param name="graph">The graph, with names of nodes.</param>
    /// <exception cref="PigeonException">
    /// PG0301: a file is missing. PG0303: not text. PG0306: a row is ragged. PG0310: a column is missing. PG0321: a node twice in a
    /// split. PG0322: an IRI is not in the graph.
    /// </exception>
    public static NodeLabels Read(string folder, RdfVocabulary vocabulary, RdfRules rules, GraphDataset graph)
    {
        var layout = RdfLabelLayout.Of(vocabulary);
        var train = ReadRows(TextSource.Require(folder, layout.Train), layout);
        var test = ReadRows(TextSource.Require(folder, layout.Test), layout);
        string[] classes = [.. train.Concat(test).Select(row => row.Class).Distinct().Order(StringComparer.Ordinal)];
        var nodes = NodesByName(graph);
        return new([.. classes], Number(train), LabelledNodes.None, Number(test));

        LabelledNodes Number(List<(string Iri, string Class, string Place)> rows)
        {
            var labels = new LabelList();
            foreach (var (iri, @class, place) in rows)
            {
                string? name = rules.NodeNameOf(iri);
                labels.Add(name is not null && nodes.TryGetValue(name, out int node) ? node : throw Unknown(iri, place),
                    Array.BinarySearch(classes, @class, StringComparer.Ordinal), place);
            }

            return labels.ToLabels();
        }
    }

    /// <summary>Whether a folder has the files.</summary>
    internal static bool IsIn(string folder, RdfVocabulary vocabulary) =>
        TextSource.Find(folder, RdfLabelLayout.Of(vocabulary).Train) is not null;

    private static List<(string Iri, string Class, string Place)> ReadRows(TextSource source, RdfLabelLayout layout)
    {
        const byte tab = (byte)'\t';
        var rows = new List<(string, string, string)>();
        using var lines = source.Lines();
        Span<Range> fields = stackalloc Range[3];
        lines.NextFilled();
        Fields.Require(fields.Length, Fields.Split(lines.Line, tab, fields), $"{layout.Node}, id, {layout.Class}", lines);
        int node = Column(lines, fields, layout.Node);
        int @class = Column(lines, fields, layout.Class);
        while (lines.NextFilled())
        {
            Fields.Require(fields.Length, Fields.Split(lines.Line, tab, fields), "as many as the header has", lines);
            rows.Add((lines.Text(lines.Line[fields[node]]), ClassName(lines.Text(lines.Line[fields[@class]])), lines.Place));
        }

        return rows;
    }

    private static int Column(LineReader lines, ReadOnlySpan<Range> fields, string name)
    {
        for (int c = 0; c < fields.Length; c++)
        {
            if (lines.Text(lines.Line[fields[c]]) == name)
            {
                return c;
            }
        }

        throw new PigeonException(DiagnosticIds.MissingColumn, $"the header has no column '{name}'", lines.Place);
    }

    /// <summary>MUTAG's splits call classes 0.0 and 1.0, which its complete file calls 0 and 1.</summary>
    private static string ClassName(string text) =>
        text.EndsWith(".0", StringComparison.Ordinal) && int.TryParse(text[..^2], NumberStyles.None, CultureInfo.InvariantCulture, out _)
            ? text[..^2]
            : text;

    private static Dictionary<string, int> NodesByName(GraphDataset graph)
    {
        var nodes = new Dictionary<string, int>();
        for (int node = 0; node < graph.NodeNames?.Count; node++)
        {
            nodes.TryAdd(graph.NodeNames[node], node);
        }

        return nodes;
    }

    private static PigeonException Unknown(string iri, string place) => new(DiagnosticIds.UnknownLabelledNode,
        $"<{iri}> is not a node of the graph", place, "use labels and statements of the same dataset");
}
