using Pigeon.Kernels;

namespace Pigeon.Datasets;

/// <summary>
/// Reads kgbench's labels: <c>training.int.csv</c>, <c>validation.int.csv</c> and <c>testing.int.csv</c> with rows node, class and no
/// header, each also gzipped. <c>meta-testing.int.csv</c> stays unread: it is set aside to judge methods, not models.
/// </summary>
public static class KgbenchLabels
{
    private const string Train = "training.int.csv";
    private const string Valid = "validation.int.csv";
    private const string Test = "testing.int.csv";

    /// <summary>Reads a folder; there are as many classes as the largest one says.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="nodes">How many nodes the graph has.</param>
    /// <exception cref="PigeonException">
    /// PG0301: a file is missing. PG0302: damaged gzip. PG0303: not text. PG0306: a row is ragged. PG0307: a node or class is out of
    /// range. PG0311: a class is absurdly large. PG0321: a node twice in a split.
    /// </exception>
    public static NodeLabels Read(string folder, int nodes)
    {
        LabelledNodes[] splits = [.. new[] { Train, Valid, Test }.Select(file => ReadSplit(TextSource.Require(folder, file), nodes))];
        int largest = splits.SelectMany(split => split.Classes).DefaultIfEmpty(-1).Max();
        int classes = Counts.OfTypes(largest, splits.Sum(split => split.Count), folder);
        return new([.. NumberNames.Of(classes)], splits[0], splits[1], splits[2]);
    }

    /// <summary>Whether a folder has such labels.</summary>
    internal static bool IsIn(string folder) => TextSource.Find(folder, Train) is not null;

    private static LabelledNodes ReadSplit(TextSource source, int nodes)
    {
        var labels = new LabelList();
        using var lines = source.Lines();
        Span<Range> fields = stackalloc Range[2];
        while (lines.NextFilled())
        {
            Fields.Require(2, Fields.Split(lines.Line, (byte)',', fields), "node, class", lines);
            int node = lines.Id(lines.Line[fields[0]], "node", nodes - 1);
            labels.Add(node, lines.Id(lines.Line[fields[1]], "class", Counts.LargestId), lines.Place);
        }

        return labels.ToLabels();
    }
}
