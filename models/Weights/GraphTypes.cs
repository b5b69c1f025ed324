using Pigeon.Kernels;
using Pigeon.Runtime;

namespace Pigeon.Models;

/// <summary>Fits a graph's types to the weights'.</summary>
internal static class GraphTypes
{
    /// <summary>
    /// The graph with as many types as the weights have, numbered on from its own; the same reference where it has as many.
    /// A graph that is read from a list of edges does not know of types that have no edge.
    /// </summary>
    /// <exception cref="PigeonException">PG0414: it has more edge types.</exception>
    public static HeteroGraph Extend(HeteroGraph graph, int nodeTypes, int edgeTypes)
    {
        if (graph.EdgeTypes.Length > edgeTypes)
        {
            throw new PigeonException("PG0414", $"it has {graph.EdgeTypes.Length} edge types, but the weights have {edgeTypes}", "graph",
                "use the weights that were trained for these edge types");
        }

        if (graph.NodeTypes.Length == nodeTypes && graph.EdgeTypes.Length == edgeTypes)
        {
            return graph;
        }

        string[] nodes = [.. graph.NodeTypes, .. Numbers(graph.NodeTypes.Length, nodeTypes)];
        EdgeType[] edges = [.. graph.EdgeTypes, .. Numbers(graph.EdgeTypes.Length, edgeTypes).Select(name => new EdgeType(name))];
        return HeteroGraph.Create(nodes, edges, graph.NodeType, graph.Source, graph.Destination, graph.EdgeTypeOf);
    }

    private static IEnumerable<string> Numbers(int from, int to) => Enumerable.Range(from, to - from).Select(i => $"{i}");
}
