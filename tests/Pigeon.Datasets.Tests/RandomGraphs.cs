using CsCheck;
using Pigeon.Runtime;
using Xunit;

namespace Pigeon.Datasets.Tests;

/// <summary>Random graphs with empty types, isolated nodes, self loops, repeated edges, one type or many.</summary>
internal static class RandomGraphs
{
    private static readonly Gen<string> Name = Gen.String[Gen.Char.AlphaNumeric, 1, 8];

    public static Gen<GraphDataset> Dataset { get; } =
        from nodes in Gen.Int[0, 40]
        from nodeTypes in Gen.Int[1, 5]
        from relations in Gen.Int[0, 12]
        from edges in Gen.Int[0, nodes * relations == 0 ? 0 : 120]
        from nodeType in Gen.Int[0, nodeTypes - 1].Array[nodes]
        from source in Gen.Int[0, Math.Max(0, nodes - 1)].Array[edges]
        from destination in Gen.Int[0, Math.Max(0, nodes - 1)].Array[edges]
        from edgeType in Gen.Int[0, Math.Max(0, relations - 1)].Array[edges]
        from names in Gen.String.Array[nodes]
        from named in Gen.Bool
        from name in Name
        select new GraphDataset(name, HeteroGraph.Create([.. Enumerable.Range(0, nodeTypes).Select(k => $"t\"{k}")],
            [.. Enumerable.Range(0, relations).Select(r => new EdgeType($"r,{r}é"))], nodeType, source, destination, edgeType), "random",
            named ? names : null);

    public static void AssertSameEdges(HeteroGraph expected, HeteroGraph actual)
    {
        Assert.Equal(expected.NodeType.ToArray(), actual.NodeType.ToArray());
        Assert.Equal(expected.Source.ToArray(), actual.Source.ToArray());
        Assert.Equal(expected.Destination.ToArray(), actual.Destination.ToArray());
        Assert.Equal(expected.EdgeTypeOf.ToArray(), actual.EdgeTypeOf.ToArray());
    }
}
