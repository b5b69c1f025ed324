using Pigeon.Kernels;
using Pigeon.Runtime;

namespace Pigeon.Datasets;

/// <summary>
/// Reads the corner of ogbn-mag that HET publishes: the edges among the first tenth of the paper ids, with authors cut at the same id,
/// as int32 arrays of shape [2, E]. As in OGB, relations lead one way: author writes paper, paper cites paper, paper has_topic field.
/// </summary>
public static class MagCorner
{
    private const int Author = 0;
    private const int Field = 1;
    private const int Paper = 2;
    private static readonly string[] NodeTypes = ["author", "field_of_study", "paper"];

    private static readonly (string File, EdgeType Type)[] Relations =
    [
        ("citing_coo_2.npy", new("cites", Paper, Paper)),
        ("is-about_coo_2.npy", new("has_topic", Paper, Field)),
        ("writing_coo_2.npy", new("writes", Author, Paper)),
    ];

    /// <summary>Reads the folder; each file may be gzipped.</summary>
    /// <exception cref="PigeonException">
    /// PG0301: a file is missing. PG0302: damaged gzip. PG0307: an array is not two rows of ids. PG0311: an id is absurdly large.
    /// PG036x: a file is not an array of integers.
    /// </exception>
    public static GraphDataset Read(string folder)
    {
        int[][] ends = [.. Relations.Select(relation => ReadEnds(folder, relation.File))];
        int[] largest = [-1, -1, -1];
        for (int r = 0; r < Relations.Length; r++)
        {
            int half = ends[r].Length / 2;
            RaiseTo(ref largest[Relations[r].Type.SourceType], ends[r].AsSpan(0, half));
            RaiseTo(ref largest[Relations[r].Type.DestinationType], ends[r].AsSpan(half));
        }

        largest[Author] = largest[Paper] = Math.Max(largest[Author], largest[Paper]);
        int edges = ends.Sum(e => e.Length / 2);
        int[] counts = Array.ConvertAll(largest, id => Counts.OfNodes(id, edges, folder));
        int[] start = [0, counts[0], counts[0] + counts[1]];
        var graph = HeteroGraph.Create(NodeTypes, [.. Relations.Select(relation => relation.Type)],
            [.. counts.SelectMany((count, type) => Enumerable.Repeat(type, count))],
            [.. ends.SelectMany((e, r) => e.Take(e.Length / 2).Select(id => start[Relations[r].Type.SourceType] + id))],
            [.. ends.SelectMany((e, r) => e.Skip(e.Length / 2).Select(id => start[Relations[r].Type.DestinationType] + id))],
            [.. ends.SelectMany((e, r) => Enumerable.Repeat(r, e.Length / 2))]);
        return new("mag-corner", graph, "ogbn-mag, edges among the first tenth of the ids, as published with HET; no reverse edges");
    }

    /// <summary>Whether a folder has the layout.</summary>
    internal static bool IsIn(string folder) => Array.TrueForAll(Relations, relation => TextSource.Find(folder, relation.File) is not null);

    private static int[] ReadEnds(string folder, string file)
    {
        var source = TextSource.Require(folder, file);
        var array = source.WithPlainFile(NpyFile.ReadIntegers);
        return array.Shape is [2, _] && Array.TrueForAll(array.Values, id => id >= 0) ? array.Values : throw new PigeonException(
            DiagnosticIds.NotAnId, $"an array of shape [{string.Join(", ", array.Shape)}] is not two rows of ids from 0", source.Name);
    }

    private static void RaiseTo(ref int largest, ReadOnlySpan<int> ids)
    {
        foreach (int id in ids)
        {
            largest = Math.Max(largest, id);
        }
    }
}
