using Parquet.Schema;
using Pigeon.Kernels;

namespace Pigeon.Datasets;

/// <summary>
/// <c>labels.parquet</c> of a graph folder: a row per label with the columns <c>node</c> (int64), <c>class</c> (int32) and <c>split</c>,
/// which is <c>train</c>, <c>valid</c> or <c>test</c>.
/// </summary>
internal static class LabelTable
{
    public const string FileName = "labels.parquet";
    private const string Node = "node";
    private const string Class = "class";
    private const string Split = "split";

    public static async Task WriteAsync(string folder, NodeLabels labels, CancellationToken cancellation)
    {
        var node = new DataField<long>(Node);
        var @class = new DataField<int>(Class);
        var split = new DataField<string>(Split, nullable: false);
        long[] nodes = [.. labels.Splits.SelectMany(s => s.Labels.Nodes).Select(n => (long)n)];
        int[] classes = [.. labels.Splits.SelectMany(s => s.Labels.Classes)];
        string[] splits = [.. labels.Splits.SelectMany(s => Enumerable.Repeat(s.Name, s.Labels.Count))];
        await ParquetTable.WriteAsync(Path.Combine(folder, FileName), [node, @class, split], nodes.Length, async (group, start, count) =>
        {
            await group.WriteAsync<long>(node, nodes.AsMemory(start, count), cancellationToken: cancellation);
            await group.WriteAsync<int>(@class, classes.AsMemory(start, count), cancellationToken: cancellation);
            await group.WriteAsync(split, splits[start..(start + count)]);
        }, cancellation);
    }

    /// <summary>Reads the file and checks each label.</summary>
    /// <exception cref="PigeonException">
    /// PG0301, PG0309, PG0310, PG0312, PG0313: as for other files of the folder. PG0307: a node or class is out of range. PG0321: a node
    /// twice in a split. PG0323: a split has another name.
    /// </exception>
    public static async Task<NodeLabels> ReadAsync(string folder, FolderLabels stated, int nodeCount, CancellationToken cancellation)
    {
        string path = Path.Combine(folder, FileName);
        await using var table = await ParquetTable.OpenAsync(path, (int)stated.Rows, cancellation);
        long[] nodes = await table.ReadAsync<long>(Node, cancellation);
        int[] classes = await table.ReadAsync<int>(Class, cancellation);
        string[] splits = await table.ReadTextAsync(Split, cancellation);
        var lists = NodeLabels.SplitNames.ToDictionary(name => name, _ => new LabelList());
        for (int i = 0; i < nodes.Length; i++)
        {
            string place = $"{path}: row {i}";
            var list = lists.GetValueOrDefault(splits[i]) ?? throw new PigeonException(DiagnosticIds.UnknownSplit,
                "its split is unknown", place, $"a split is one of {string.Join(", ", NodeLabels.SplitNames)}");
            list.Add(Id(nodes[i], nodeCount, "node", place), Id(classes[i], stated.Classes.Count, "class", place), place);
        }

        LabelledNodes[] found = [.. NodeLabels.SplitNames.Select(name => lists[name].ToLabels())];
        return new([.. stated.Classes], found[0], found[1], found[2]);
    }

    private static int Id(long id, int count, string what, string place) => (ulong)id < (ulong)count
        ? (int)id
        : throw new PigeonException(DiagnosticIds.NotAnId, $"{what} {id} is not in 0 … {count - 1}", place);
}
