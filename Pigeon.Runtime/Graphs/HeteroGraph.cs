using System.Collections.Immutable;
using Pigeon.Kernels;

namespace Pigeon.Runtime;

/// <summary>
/// A directed multigraph with typed nodes and typed edges. Edges are kept in coordinate form, sorted by type and then by
/// destination (stably, so equal edges stay in the order given). Everything else that kernels need, compressed rows and
/// compact pairs, is derived once, on first use. Immutable; safe for use from several threads.
/// </summary>
public sealed class HeteroGraph
{
    private readonly int[] nodeType;
    private readonly int[] source;
    private readonly int[] destination;
    private readonly int[] edgeType;
    private readonly int[] edgeOrder;
    private readonly Lazy<GraphBinding> binding;

    private HeteroGraph(ImmutableArray<string> nodeTypes, ImmutableArray<EdgeType> edgeTypes, int[] nodeType, int[] source,
        int[] destination, int[] edgeType, int[] edgeOrder)
    {
        NodeTypes = nodeTypes;
        EdgeTypes = edgeTypes;
        this.nodeType = nodeType;
        this.source = source;
        this.destination = destination;
        this.edgeType = edgeType;
        this.edgeOrder = edgeOrder;
        binding = new(CreateBinding);
    }

    /// <summary>The names of the node types; a node's type is an index into it.</summary>
    public ImmutableArray<string> NodeTypes { get; }

    /// <summary>The edge types; an edge's type is an index into it.</summary>
    public ImmutableArray<EdgeType> EdgeTypes { get; }

    /// <summary>The number of nodes.</summary>
    public int NodeCount => nodeType.Length;

    /// <summary>The number of edges.</summary>
    public int EdgeCount => source.Length;

    /// <summary>The type of each node.</summary>
    public ReadOnlySpan<int> NodeType => nodeType;

    /// <summary>The source node of each edge, edges sorted by type.</summary>
    public ReadOnlySpan<int> Source => source;

    /// <summary>The destination node of each edge, edges sorted by type.</summary>
    public ReadOnlySpan<int> Destination => destination;

    /// <summary>The type of each edge, rising.</summary>
    public ReadOnlySpan<int> EdgeTypeOf => edgeType;

    /// <summary>For each edge as it is kept, its position in the lists the graph was created from.</summary>
    public ReadOnlySpan<int> EdgeOrder => edgeOrder;

    /// <summary>
    /// Spaces <c>Nodes</c>, <c>Edges</c>, <c>NodeTypes</c>, <c>EdgeTypes</c> and, for node type <c>k</c>, <c>Nodes_k</c>; maps
    /// <c>src, dst : Edges → Nodes</c>, <c>etype : Edges → EdgeTypes</c>, <c>ntype : Nodes → NodeTypes</c> and
    /// <c>nodes_k : Nodes_k → Nodes</c>.
    /// </summary>
    public GraphBinding Binding => binding.Value;

    /// <summary>Creates a graph from edge lists, after checking them.</summary>
    /// <param name="nodeTypes">At least one node type name.</param>
    /// <param name="edgeTypes">
    /// The edge types. Where an end type is -1 it is inferred: it becomes the one type that the type's edges have there, and
    /// stays -1 where there are several, or no edges (and more than one node type).
    /// </param>
    /// <param name="nodeType">The type of each node.</param>
    /// <param name="source">The source of each edge, 0 … nodes − 1.</param>
    /// <param name="destination">The destination of each edge.</param>
    /// <param name="edgeType">The type of each edge.</param>
    /// <exception cref="PigeonException">
    /// PG0210: lists of different length. PG0211: an id is out of range. PG0212: an edge contradicts its type's ends.
    /// PG0213: no node type, or a name twice.
    /// </exception>
    public static HeteroGraph Create(IReadOnlyList<string> nodeTypes, IReadOnlyList<EdgeType> edgeTypes, ReadOnlySpan<int> nodeType,
        ReadOnlySpan<int> source, ReadOnlySpan<int> destination, ReadOnlySpan<int> edgeType)
    {
        if (source.Length != destination.Length || source.Length != edgeType.Length)
        {
            throw new PigeonException("PG0210",
                $"{source.Length} sources, {destination.Length} destinations and {edgeType.Length} types; they must be as many");
        }

        if (nodeTypes.Count == 0 || nodeTypes.Distinct(StringComparer.Ordinal).Count() != nodeTypes.Count ||
            edgeTypes.Distinct().Count() != edgeTypes.Count)
        {
            throw new PigeonException("PG0213", "a graph has at least one node type, and no type occurs twice");
        }

        CheckIds(nodeType, nodeTypes.Count, "node", "type");
        CheckIds(source, nodeType.Length, "edge", "source");
        CheckIds(destination, nodeType.Length, "edge", "destination");
        CheckIds(edgeType, edgeTypes.Count, "edge", "type");

        int[] order = SortByTypeThenDestination(edgeType, destination, edgeTypes.Count, nodeType.Length);
        int[] sortedSource = Permute(source, order);
        int[] sortedDestination = Permute(destination, order);
        int[] sortedType = Permute(edgeType, order);
        var ends = InferEnds(edgeTypes, nodeTypes, nodeType, sortedSource, sortedDestination, sortedType);
        return new([.. nodeTypes], ends, Pinned(nodeType), sortedSource, sortedDestination, sortedType, order);
    }

    /// <summary>A graph with one node type, named <c>node</c>, and edge types without declared ends.</summary>
    public static HeteroGraph Create(int nodes, IReadOnlyList<string> relations, ReadOnlySpan<int> source,
        ReadOnlySpan<int> destination, ReadOnlySpan<int> edgeType) =>
        Create(["node"], [.. relations.Select(name => new EdgeType(name, 0, 0))], new int[nodes], source, destination, edgeType);

    /// <summary>
    /// The same graph with every edge also reversed: type <c>r</c> gets the partner <c>rev-r</c> at index <c>R + r</c>.
    /// </summary>
    public HeteroGraph WithReverse()
    {
        int types = EdgeTypes.Length;
        var names = EdgeTypes.AddRange(EdgeTypes.Select(t => new EdgeType("rev-" + t.Name, t.DestinationType, t.SourceType)));
        int[] reverse = Array.ConvertAll(edgeType, t => t + types);
        return Create(NodeTypes, names, nodeType, [.. source, .. destination], [.. destination, .. source], [.. edgeType, .. reverse]);
    }

    private static void CheckIds(ReadOnlySpan<int> ids, int limit, string what, string field)
    {
        for (int i = 0; i < ids.Length; i++)
        {
            if ((uint)ids[i] >= (uint)limit)
            {
                throw new PigeonException("PG0211", $"{field} {ids[i]} of {what} {i} is not in 0 … {limit - 1}", "graph");
            }
        }
    }

    private static int[] SortByTypeThenDestination(ReadOnlySpan<int> type, ReadOnlySpan<int> destination, int types, int nodes)
    {
        int[] order = new int[type.Length];
        for (int i = 0; i < order.Length; i++)
        {
            order[i] = i;
        }

        return CountingSort(CountingSort(order, destination, nodes), type, types);
    }

    private static int[] CountingSort(int[] order, ReadOnlySpan<int> keys, int limit)
    {
        int[] next = new int[limit + 1];
        foreach (int key in keys)
        {
            next[key + 1]++;
        }

        for (int i = 0; i < limit; i++)
        {
            next[i + 1] += next[i];
        }

        int[] sorted = new int[order.Length];
        foreach (int i in order)
        {
            sorted[next[keys[i]]++] = i;
        }

        return sorted;
    }

    private static int[] Permute(ReadOnlySpan<int> values, int[] order)
    {
        int[] result = GC.AllocateUninitializedArray<int>(order.Length, pinned: true);
        for (int i = 0; i < order.Length; i++)
        {
            result[i] = values[order[i]];
        }

        return result;
    }

    private static int[] Pinned(ReadOnlySpan<int> values)
    {
        int[] pinned = GC.AllocateUninitializedArray<int>(values.Length, pinned: true);
        values.CopyTo(pinned);
        return pinned;
    }

    private static ImmutableArray<EdgeType> InferEnds(IReadOnlyList<EdgeType> edgeTypes, IReadOnlyList<string> nodeTypes,
        ReadOnlySpan<int> nodeType, int[] source, int[] destination, int[] edgeType)
    {
        const int none = -2;
        const int mixed = -1;
        int[] sourceEnd = new int[edgeTypes.Count];
        int[] destinationEnd = new int[edgeTypes.Count];
        Array.Fill(sourceEnd, none);
        Array.Fill(destinationEnd, none);
        for (int e = 0; e < edgeType.Length; e++)
        {
            Meet(ref sourceEnd[edgeType[e]], nodeType[source[e]]);
            Meet(ref destinationEnd[edgeType[e]], nodeType[destination[e]]);
        }

        var result = ImmutableArray.CreateBuilder<EdgeType>(edgeTypes.Count);
        for (int r = 0; r < edgeTypes.Count; r++)
        {
            EdgeType declared = edgeTypes[r];
            result.Add(new(declared.Name, End(declared.SourceType, sourceEnd[r]), End(declared.DestinationType, destinationEnd[r])));

            int End(int given, int found)
            {
                if (given >= nodeTypes.Count || (given >= 0 && found != none && found != given))
                {
                    throw new PigeonException("PG0212", $"edges of type {declared.Name} don't have the node types that it declares",
                        $"edge type {r}");
                }

                return given >= 0 ? given : found == none && nodeTypes.Count == 1 ? 0 : Math.Max(found, mixed);
            }
        }

        return result.MoveToImmutable();

        static void Meet(ref int end, int type) => end = end == none || end == type ? type : mixed;
    }

    private GraphBinding CreateBinding()
    {
        var sizes = new Dictionary<string, int>
        {
            ["Nodes"] = NodeCount,
            ["Edges"] = EdgeCount,
            ["NodeTypes"] = NodeTypes.Length,
            ["EdgeTypes"] = EdgeTypes.Length,
        };
        var maps = new Dictionary<string, int[]>
        {
            ["src"] = source,
            ["dst"] = destination,
            ["etype"] = edgeType,
            ["ntype"] = nodeType,
        };
        for (int k = 0; k < NodeTypes.Length; k++)
        {
            int type = k;
            int[] members = [.. Enumerable.Range(0, NodeCount).Where(v => nodeType[v] == type)];
            sizes[$"Nodes_{k}"] = members.Length;
            maps[$"nodes_{k}"] = members;
        }

        // Kernels read the graph's own arrays: they are pinned, and nobody writes them.
        return new(sizes, maps, "src", "dst", "etype", "ntype");
    }
}
