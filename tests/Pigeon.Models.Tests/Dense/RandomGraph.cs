using CsCheck;
using Pigeon.Runtime;

namespace Pigeon.Models.Tests;

/// <summary>Small graphs with whatever chance brings: empty relations, isolated nodes, self loops, repeated edges, no edges.</summary>
internal static class RandomGraph
{
    private const int MostEdges = 25;

    public static Gen<HeteroGraph> Gen { get; } =
        from nodes in CsCheck.Gen.Int[1, 7]
        from nodeTypes in CsCheck.Gen.Int[1, 3]
        from edgeTypes in CsCheck.Gen.Int[1, 5]
        from edges in CsCheck.Gen.Int[0, MostEdges]
        from nodeType in CsCheck.Gen.Int[0, nodeTypes - 1].Array[nodes]
        from source in CsCheck.Gen.Int[0, nodes - 1].Array[edges]
        from destination in CsCheck.Gen.Int[0, nodes - 1].Array[edges]
        from edgeType in CsCheck.Gen.Int[0, edgeTypes - 1].Array[edges]
        select Create(nodeTypes, edgeTypes, nodeType, source, destination, edgeType);

    /// <summary>What <see cref="Gen"/> brings by chance, once for certain.</summary>
    public static IReadOnlyDictionary<string, HeteroGraph> Special { get; } = new Dictionary<string, HeteroGraph>
    {
        ["no edges"] = Create(),
        ["a relation without edges"] = Create((0, 1, 1), (1, 2, 1)),
        ["isolated nodes"] = Create((0, 1, 0), (0, 1, 1)),
        ["self loops"] = Create((0, 0, 0), (1, 1, 1), (1, 1, 0)),
        ["repeated edges"] = Create((0, 1, 0), (0, 1, 0), (0, 1, 0), (0, 1, 1), (2, 1, 0)),
        ["one node"] = Create(1, 1, [0], [0], [0], [0]),
        ["a node type without nodes"] = Create(3, 1, [0, 2], [0, 1], [1, 0], [0, 0]),
    };

    public static HeteroGraph Create(int nodeTypes, int edgeTypes, int[] nodeType, int[] source, int[] destination, int[] edgeType) =>
        HeteroGraph.Create([.. Enumerable.Range(0, nodeTypes).Select(t => $"{t}")],
            [.. Enumerable.Range(0, edgeTypes).Select(r => new EdgeType($"{r}"))], nodeType, source, destination, edgeType);

    /// <summary>Three nodes, two relations, and the edges given as (source, destination, type).</summary>
    public static HeteroGraph Create(params (int Source, int Destination, int Type)[] edges) =>
        Create(1, 2, new int[3], [.. edges.Select(e => e.Source)], [.. edges.Select(e => e.Destination)], [.. edges.Select(e => e.Type)]);
}
