using Pigeon.Kernels;
using Pigeon.Runtime;
using static Pigeon.Kernels.HeteroSchema;
using TorchSharp;
using static TorchSharp.torch;

namespace Pigeon.Benchmarks;

/// <summary>
/// The index arrays that formulations in torch are written over, made before anything is measured and kept as tensors. Nodes are numbered
/// by type here, so that a type's rows are a slice, and edges are in the order of the graph: by type, then by destination.
/// </summary>
internal sealed class TorchGraph
{
    private readonly GraphBinding binding;
    private readonly int[] rankOfNode;
    private readonly Dictionary<string, object> made = [];

    /// <summary>Numbers the nodes.</summary>
    public TorchGraph(HeteroGraph graph)
    {
        Graph = graph;
        binding = graph.Binding;
        BoundMap type = binding.Resolve(NType);
        NodeOrder = type.Order ?? [.. Enumerable.Range(0, graph.NodeCount)];
        rankOfNode = new int[graph.NodeCount];
        for (int rank = 0; rank < NodeOrder.Length; rank++)
        {
            rankOfNode[NodeOrder[rank]] = rank;
        }

        NodeOffsets = type.Offsets;
        Source = Rank(binding.Resolve(Src));
        Destination = Rank(binding.Resolve(Dst));
        EdgeType = binding.Resolve(EType).Values;
        RelationOffsets = binding.Resolve(EType).Offsets;
    }

    /// <summary>The graph.</summary>
    public HeteroGraph Graph { get; }

    /// <summary>The number of nodes.</summary>
    public int Nodes => Graph.NodeCount;

    /// <summary>The number of edges.</summary>
    public int Edges => Graph.EdgeCount;

    /// <summary>The number of edge types.</summary>
    public int Relations => Graph.EdgeTypes.Length;

    /// <summary>The graph's node for each row here.</summary>
    public int[] NodeOrder { get; }

    /// <summary>Where each node type's rows begin, and the number of nodes.</summary>
    public int[] NodeOffsets { get; }

    /// <summary>The row of each edge's source.</summary>
    public int[] Source { get; }

    /// <summary>The row of each edge's destination.</summary>
    public int[] Destination { get; }

    /// <summary>The type of each row's node, rising.</summary>
    public int[] NodeTypes => Once(nameof(NodeTypes), () => Array.ConvertAll(NodeOrder, v => Graph.NodeType[v]));

    /// <summary>The type of each edge type's sources; 0 for one without edges.</summary>
    /// <exception cref="ArgumentException">An edge type has sources of several types.</exception>
    public int[] SourceTypes => Once(nameof(SourceTypes), () => Enumerable.Range(0, Relations).Select(SourceTypeOf).ToArray());

    /// <summary>Each edge's type, rising.</summary>
    public int[] EdgeType { get; }

    /// <summary>Where each type's edges begin, and the number of edges.</summary>
    public int[] RelationOffsets { get; }

    /// <summary>The distinct (type, source) pairs.</summary>
    public Pairs SourcePairs => Once(nameof(SourcePairs), () => PairsOf(SourcePair));

    /// <summary>A row for each node and a column for each source pair: the edges, each from its source pair.</summary>
    public SparsePattern EdgesOfSourcePairs => Once(nameof(EdgesOfSourcePairs), () =>
        new SparsePattern(Destination, Nodes, SourcePairs.OfEdge, SourcePairs.Count));

    /// <summary>A row for each source pair and a column for each node: the pairs.</summary>
    public SparsePattern NodesOfSourcePairs => Once(nameof(NodesOfSourcePairs), () =>
        new SparsePattern([.. Enumerable.Range(0, SourcePairs.Count)], SourcePairs.Count, SourcePairs.Node, Nodes));

    /// <summary>The distinct (type, destination) pairs.</summary>
    public Pairs DestinationPairs => Once(nameof(DestinationPairs), () => PairsOf(DestinationPair));

    /// <summary>The source pairs of each type.</summary>
    public TypeSlices SourceSlices => Once(nameof(SourceSlices), () => new TypeSlices(SourcePairs.Offsets));

    /// <summary>The nodes of each type.</summary>
    public TypeSlices NodeSlices => Once(nameof(NodeSlices), () => new TypeSlices(NodeOffsets));

    /// <summary>The number of edges of a type.</summary>
    public int EdgesOf(int relation) => RelationOffsets[relation + 1] - RelationOffsets[relation];

    /// <summary>The number of nodes of a type.</summary>
    public int NodesOf(int type) => NodeOffsets[type + 1] - NodeOffsets[type];

    /// <summary>An index array as a tensor of 64-bit numbers, as PyG keeps them.</summary>
    public static torch.Tensor Long(int[] values) => tensor(Array.ConvertAll(values, v => (long)v)).DetachFromDisposeScope();

    /// <summary>What is made once and kept, by name.</summary>
    public T Once<T>(string name, Func<T> make)
        where T : class
    {
        if (!made.TryGetValue(name, out object? value))
        {
            made[name] = value = make();
        }

        return (T)value;
    }

    private int SourceTypeOf(int relation) => Graph.EdgeTypes[relation].SourceType is >= 0 and var type ? type
        : EdgesOf(relation) == 0 ? 0
        : throw new ArgumentException($"edges of type {Graph.EdgeTypes[relation].Name} have sources of several types");

    private int[] Rank(BoundMap map) => Array.ConvertAll(map.Values, v => rankOfNode[v]);

    private Pairs PairsOf(Map pair)
    {
        var space = (IndexSpace.Distinct)pair.To;
        BoundMap type = binding.Resolve(new Map.Component(space, 0));
        return new(binding.Resolve(pair).Values, type.Offsets, type.Values, Rank(binding.Resolve(new Map.Component(space, 1))));
    }
}
