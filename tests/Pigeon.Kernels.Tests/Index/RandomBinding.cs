using CsCheck;
using Pigeon.Kernels;

namespace Pigeon.Tests;

/// <summary>Small graphs as bindings, and the maps over them.</summary>
internal static class RandomBinding
{
    public static IndexSpace Nodes { get; } = new IndexSpace.Declared("Nodes");

    public static IndexSpace Edges { get; } = new IndexSpace.Declared("Edges");

    private static readonly IndexSpace Types = new IndexSpace.Declared("Types");
    private static readonly Map Src = new Map.Stored("src", Edges, Nodes);
    private static readonly Map Dst = new Map.Stored("dst", Edges, Nodes);
    private static readonly Map EType = new Map.Stored("etype", Edges, Types);
    private static readonly Map NType = new Map.Stored("ntype", Nodes, Types);

    /// <summary>A graph with 1 to 8 nodes, 1 to 3 types and up to 20 edges.</summary>
    public static readonly Gen<GraphBinding> Gen =
        from nodes in CsCheck.Gen.Int[1, 8]
        from types in CsCheck.Gen.Int[1, 3]
        from edges in CsCheck.Gen.Int[0, 20]
        from src in CsCheck.Gen.Int[0, nodes - 1].Array[edges]
        from dst in CsCheck.Gen.Int[0, nodes - 1].Array[edges]
        from etype in CsCheck.Gen.Int[0, types - 1].Array[edges]
        from ntype in CsCheck.Gen.Int[0, types - 1].Array[nodes]
        select new GraphBinding(new Dictionary<string, int> { ["Nodes"] = nodes, ["Edges"] = edges, ["Types"] = types },
            new Dictionary<string, int[]> { ["src"] = src, ["dst"] = dst, ["etype"] = etype, ["ntype"] = ntype });

    /// <summary>Maps of every case, from the edges, the nodes and from pairs, some nested.</summary>
    public static IReadOnlyList<Map> Maps { get; } = AllMaps();

    /// <summary>A map of the edges, from the edges in the order of another.</summary>
    public static Map Sorted(Map map, Map by) => (Map.Stored)map with { From = new IndexSpace.Sorted((Map.Stored)by) };

    private static Map[] AllMaps()
    {
        Map[] pairs = [new Map.Pair(EType, Src), new Map.Pair(Src, Dst), new Map.Pair(new Map.Composed(NType, Src), Dst)];
        Map[] nested = [new Map.Pair(pairs[0], Dst), new Map.Pair(pairs[0], pairs[1])];
        IndexSpace.Either[] either = [.. Enum.GetValues<EitherPart>().SelectMany(part =>
            new IndexSpace.Either[] { new(EType, Src, Dst, part), new(new Map.Composed(NType, Src), Dst, Src, part) })];
        Map[] fromEdges = [.. either.Where(ways => ways.HasAll).Select(ways => new Map.Into(ways)), Src, Dst, EType, new Map.Identity(Edges), new Map.Unit(Edges), .. pairs, .. nested, new Map.Index(EType, Src),
            new Map.Index(EType, new Map.Composed(NType, Dst))];
        Map[] fromSorted = [.. new[] { Src, Dst, EType }.Select(map => Sorted(map, Dst))];
        fromSorted = [.. fromSorted, new Map.Pair(fromSorted[2], fromSorted[0]), new Map.Identity(fromSorted[0].From)];
        Map[] fromNodes = [NType, new Map.Unit(Nodes), new Map.Identity(Nodes)];
        Map[] components = [.. pairs.Concat(nested).SelectMany(pair => new[] { 0, 1 }.Select(position =>
            new Map.Component((IndexSpace.Distinct)pair.To, position)))];
        Map[] vias = [.. either.SelectMany(ways => fromEdges.Where(map => map is not (Map.Unit or Map.Identity) && Map.Determines(ways, map))
            .Select(map => new Map.Via(ways, map)))];
        return [.. fromEdges, .. fromSorted, .. fromNodes, .. components, .. vias];
    }
}
