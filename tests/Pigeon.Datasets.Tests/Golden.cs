using System.Text.Json;
using Pigeon.Tests;
using Xunit;

namespace Pigeon.Datasets.Tests;

/// <summary>The expected counts that come with the data.</summary>
internal static class Golden
{
    public static JsonElement Of(params ReadOnlySpan<string> keys)
    {
        using var file = JsonDocument.Parse(File.ReadAllBytes(DataFactAttribute.Locate("GOLDEN.json")));
        var element = file.RootElement;
        foreach (string key in keys)
        {
            element = element.GetProperty(key);
        }

        return element.Clone();
    }

    public static int Int(this JsonElement element, string key) => element.GetProperty(key).GetInt32();

    /// <summary>Compares a knowledge graph, and the statistics of its train graph, with the golden entry.</summary>
    public static void Check(string key, TripleSet set)
    {
        var golden = Of("kg", key);
        var statistics = GraphStatistics.Of(set.ToGraph().Graph);
        Assert.Equal(
            (golden.Int("entities"), golden.Int("relations"), golden.Int("train"), golden.Int("valid"), golden.Int("test")),
            (set.EntityCount, set.RelationNames.Count, set.Train.Count, set.Valid.Count, set.Test.Count));
        Assert.Equal((golden.Int("entities"), golden.Int("train"), golden.Int("relations")),
            (statistics.Nodes, statistics.Edges, statistics.EdgeTypes));
        Assert.Equal((golden.Int("uniq_src_rel"), golden.Int("uniq_dst_rel")), (statistics.UniqueSource, statistics.UniqueDestination));
        Assert.Equal((golden.Int("max_in"), golden.Int("max_out"), golden.Int("isolated_in_train")),
            (statistics.MaxInDegree, statistics.MaxOutDegree, statistics.IsolatedNodes));
        Assert.Equal((golden.Int("rel_max"), golden.Int("rel_median"), golden.Int("rel_min")),
            (statistics.MaxEdgesOfType, statistics.MedianEdgesOfType, statistics.MinEdgesOfType));
        Assert.Equal(golden.GetProperty("gini_deg").GetDouble(), statistics.DegreeGini, tolerance: 6e-4);
    }
}
