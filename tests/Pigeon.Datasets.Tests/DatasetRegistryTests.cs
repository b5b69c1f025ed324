using Pigeon.Tests;
using Xunit;

namespace Pigeon.Datasets.Tests;

public class DatasetRegistryTests
{
    [Fact]
    public void Default_is_a_generated_graph_that_needs_no_files()
    {
        var dataset = DatasetRegistry.Open("default");
        RandomGraphs.AssertSameEdges(DatasetRegistry.Open("gen:aifb").Graph, dataset.Graph);
        Assert.Equal(("default", 48_810), (dataset.Name, dataset.Graph.EdgeCount));
    }

    [Theory]
    [InlineData("gen:aifb@0.1", 4_882)]
    [InlineData("GEN:AIFB@0.1", 4_882)]
    [InlineData("default@0.1", 4_882)]
    [InlineData("gen:mag@0.001", 21_111)]
    public void Generated_datasets_scale(string name, int edges) => Assert.Equal(edges, DatasetRegistry.Open(name).Graph.EdgeCount);

    [Fact]
    public void Seed_changes_generated_datasets() => Assert.NotEqual(
        DatasetRegistry.Open("default", seed: 1).Graph.Source.ToArray(), DatasetRegistry.Open("default", seed: 2).Graph.Source.ToArray());

    [Theory]
    [InlineData("gen:aifb@x", "PG0319")]
    [InlineData("gen:aifb@-1", "PG0319")]
    [InlineData("gen:aifb@0", "PG0319")]
    [InlineData("gen:aifb@1@2", "PG0317")]
    [InlineData("aifb@0.1", "PG0317")]
    [InlineData("aifbb", "PG0317")]
    [InlineData("", "PG0317")]
    public void Unknown_names_are_refused(string name, string id) => Refusal.Of(id, () => DatasetRegistry.Open(name));

    [Fact]
    public void Unavailable_datasets_say_what_to_set()
    {
        using var folder = new TempFolder();
        Assert.Contains("PIGEON_DATA", Refusal.Of("PG0318", () => DatasetRegistry.Open("aifb")).Remedy);
        Assert.Contains("rdf/aifb", Refusal.Of("PG0318", () => DatasetRegistry.Open("aifb", folder.Path)).Message);
    }

    [Fact]
    public void Names_are_unique_and_descriptions_tell_whether_edges_are_reversed()
    {
        Assert.Equal(DatasetRegistry.Entries.Length, DatasetRegistry.Entries.Select(e => e.Name.ToUpperInvariant()).Distinct().Count());
        Assert.All(DatasetRegistry.Entries, entry => Assert.Contains("reverse edges", entry.Description));
    }

    [DataFact]
    public void Descriptions_state_the_counts_that_are_read() => Assert.All(
        DatasetRegistry.Entries.Where(entry => !entry.IsGenerated && entry.IsAvailable(DataFactAttribute.Folder)), entry =>
        {
            var graph = DatasetRegistry.Open(entry.Name, DataFactAttribute.Folder).Graph;
            Assert.Contains(FormattableString.Invariant($"{graph.NodeCount:N0} nodes"), entry.Description);
            Assert.Contains(FormattableString.Invariant($"{graph.EdgeCount:N0} edges of {graph.EdgeTypes.Length} types"),
                entry.Description);
        });

    [Fact]
    public void Path_of_any_format_opens()
    {
        using var folder = new TempFolder();
        Assert.Equal(1, GraphFile.Open(folder.Write("a.csv", "src,dst,type\n0,1,0\n")).Graph.EdgeCount);
        Assert.Equal(2, GraphFile.Open(folder.Write("a.nt", "<a:s> <a:p> <a:o> .\n")).Graph.EdgeCount);
        Assert.Equal(2, GraphFile.Open(folder.Path).Graph.EdgeCount);
        Assert.Equal(2, GraphFile.Open(folder.Write("a.tsv", "a\tr\tb\n")).Graph.EdgeCount);
        Assert.Equal(2, GraphFile.Open(folder.Write("train2id.txt", "1\n0 1 0\n")).Graph.EdgeCount);
        GraphFolder.Write(folder.At("g"), DatasetRegistry.Open("gen:aifb@0.1"));
        Assert.Equal(4_882, GraphFile.Open(folder.At("g")).Graph.EdgeCount);
        Refusal.Of("PG0301", () => GraphFile.Open(folder.At("missing")));
        Refusal.Of("PG0320", () => GraphFile.Open(folder.Write("a.xlsx", "")));
    }
}
