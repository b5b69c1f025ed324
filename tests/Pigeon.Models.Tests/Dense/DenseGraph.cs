using Pigeon.Runtime;

namespace Pigeon.Models.Tests;

/// <summary>What the naive models see of a graph: for every node, a list of its in-edges.</summary>
internal sealed class DenseGraph(HeteroGraph graph)
{
    public int Nodes => graph.NodeCount;

    public int TypeOf(int node) => graph.NodeType[node];

    /// <summary>The edges into a node, with their positions in the graph.</summary>
    public List<(int Edge, int Source, int Type)> Into(int node)
    {
        var edges = new List<(int, int, int)>();
        for (int e = 0; e < graph.EdgeCount; e++)
        {
            if (graph.Destination[e] == node)
            {
                edges.Add((e, graph.Source[e], graph.EdgeTypeOf[e]));
            }
        }

        return edges;
    }
}
