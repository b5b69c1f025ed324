using Pigeon.Runtime;

namespace Pigeon.Tests;

/// <summary>Small graphs with everything that goes wrong: empty relations, isolated nodes, self loops, repeated edges, hubs.</summary>
internal static class RandomGraphs
{
    /// <summary>A graph that depends on the seed alone.</summary>
    public static HeteroGraph Create(int seed)
    {
        var random = new Random(seed);
        int nodes = random.Next(1, 40);
        int edges = seed % 11 == 0 ? 0 : random.Next(0, 150);
        int nodeTypes = seed % 3 == 0 ? 1 : random.Next(1, 4);
        int edgeTypes = seed % 17 == 0 ? 200 : random.Next(1, 7);
        int[] nodeType = [.. Enumerable.Range(0, nodes).Select(_ => random.Next(nodeTypes))];
        int[] source = new int[edges];
        int[] destination = new int[edges];
        int[] type = new int[edges];
        int hub = random.Next(nodes);
        for (int e = 0; e < edges; e++)
        {
            source[e] = random.Next(nodes);
            destination[e] = random.Next(4) == 0 ? hub : random.Next(nodes);
            type[e] = random.Next(edgeTypes) * random.Next(2);
            if (e > 0 && random.Next(5) == 0)
            {
                (source[e], destination[e], type[e]) = (source[e - 1], destination[e - 1], type[e - 1]);
            }
        }

        return HeteroGraph.Create([.. Enumerable.Range(0, nodeTypes).Select(t => $"n{t}")],
            [.. Enumerable.Range(0, edgeTypes).Select(t => new EdgeType($"r{t}"))], nodeType, source, destination, type);
    }
}
