namespace Pigeon.Benchmarks;

/// <summary>Edges with heads, as sparse patterns: an entry for each edge and head, by destination, then by head.</summary>
internal static class HeadEdges
{
    /// <summary>The row of an entry is (destination, head), its column (source pair, head).</summary>
    public static SparsePattern FromSources(TorchGraph graph, int heads) => graph.Once($"source edges of {heads} heads", () =>
        Edges(graph, heads, Times(graph.SourcePairs.OfEdge, heads), graph.SourcePairs.Count * heads));

    /// <summary>The row of an entry is (destination, head), its column the entry of <see cref="Targets"/> for its pair.</summary>
    public static SparsePattern FromTargets(TorchGraph graph, int heads) => graph.Once($"target edges of {heads} heads", () =>
    {
        int[] order = Targets(graph, heads).Order;
        int[] entry = new int[order.Length];
        for (int i = 0; i < order.Length; i++)
        {
            entry[order[i]] = i;
        }

        return Edges(graph, heads, Array.ConvertAll(Times(graph.DestinationPairs.OfEdge, heads), pair => entry[pair]), entry.Length);
    });

    /// <summary>Destination pairs with heads: the row of an entry is (relation, head), its column the pair's node.</summary>
    public static SparsePattern Targets(TorchGraph graph, int heads) => graph.Once($"targets of {heads} heads", () =>
    {
        Pairs pairs = graph.DestinationPairs;
        int[] node = [.. Enumerable.Range(0, pairs.Count * heads).Select(i => pairs.Node[i / heads])];
        return new SparsePattern(Times(pairs.Type, heads), graph.Relations * heads, node, graph.Nodes);
    });

    /// <summary>For each index i in turn: i · heads, i · heads + 1, ….</summary>
    private static int[] Times(int[] indices, int heads) =>
        [.. Enumerable.Range(0, checked(indices.Length * heads)).Select(i => (indices[i / heads] * heads) + (i % heads))];

    private static SparsePattern Edges(TorchGraph graph, int heads, int[] columns, int columnCount) =>
        new(Times(graph.Destination, heads), graph.Nodes * heads, columns, columnCount);
}
