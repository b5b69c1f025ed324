namespace Pigeon.Kernels;

/// <summary>The spaces and maps that every heterogeneous graph provides, by the names it provides them under.</summary>
public static class HeteroSchema
{
    /// <summary>The nodes.</summary>
    public static IndexSpace Nodes { get; } = new IndexSpace.Declared("Nodes");

    /// <summary>The edges, sorted by type and then by destination.</summary>
    public static IndexSpace Edges { get; } = new IndexSpace.Declared("Edges");

    /// <summary>The node types.</summary>
    public static IndexSpace NodeTypes { get; } = new IndexSpace.Declared("NodeTypes");

    /// <summary>The edge types.</summary>
    public static IndexSpace EdgeTypes { get; } = new IndexSpace.Declared("EdgeTypes");

    /// <summary>The source of each edge.</summary>
    public static Map Src { get; } = new Map.Stored("src", Edges, Nodes);

    /// <summary>The destination of each edge.</summary>
    public static Map Dst { get; } = new Map.Stored("dst", Edges, Nodes);

    /// <summary>The type of each edge.</summary>
    public static Map EType { get; } = new Map.Stored("etype", Edges, EdgeTypes);

    /// <summary>The type of each node.</summary>
    public static Map NType { get; } = new Map.Stored("ntype", Nodes, NodeTypes);

    /// <summary>Each edge's row in the distinct (edge type, source) pairs.</summary>
    public static Map SourcePair { get; } = new Map.Pair(EType, Src);

    /// <summary>Each edge's row in the distinct (edge type, destination) pairs.</summary>
    public static Map DestinationPair { get; } = new Map.Pair(EType, Dst);

    /// <summary>The nodes of one type.</summary>
    public static IndexSpace NodesOf(int nodeType) => new IndexSpace.Declared($"Nodes_{nodeType}");

    /// <summary>The nodes of one type as nodes.</summary>
    public static Map NodesOfToNodes(int nodeType) => new Map.Stored($"nodes_{nodeType}", NodesOf(nodeType), Nodes);
}
