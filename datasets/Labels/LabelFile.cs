namespace Pigeon.Datasets;

/// <summary>A text file with labels, and where they stand in it.</summary>
/// <param name="Path">
/// The file: a header, then a label a row, separated by tabs where the header has one, else by commas. A field with commas stands in
/// double quotes. May be gzipped.
/// </param>
/// <param name="Split"><c>train</c>, <c>valid</c> or <c>test</c> for all its rows; null where a column <c>split</c> tells.</param>
/// <param name="NodeColumn">The column with the node: its name, or its number where the graph's nodes have no names.</param>
/// <param name="ClassColumn">The column with the name of the class.</param>
public sealed record LabelFile(string Path, string? Split = null, string NodeColumn = "node", string ClassColumn = "class")
{
    /// <summary>Reads <c>FILE</c> or <c>SPLIT=FILE</c>.</summary>
    public static LabelFile Parse(string text, string nodeColumn = "node", string classColumn = "class")
    {
        int end = text.IndexOf('=');
        return end > 0 && NodeLabels.SplitNames.Contains(text[..end])
            ? new(text[(end + 1)..], text[..end], nodeColumn, classColumn)
            : new(text, null, nodeColumn, classColumn);
    }
}
