using System.Text.Json;
using Pigeon.Tests;
using Xunit;

namespace Pigeon.Cli.Tests;

public sealed class GraphTests
{
    [Fact]
    public void A_graph_goes_through_csv_and_folder_and_keeps_its_counts()
    {
        using var folder = new TemporaryFolder();
        JsonElement before = Tool.Json("info", "gen:aifb@0.05");
        JsonElement exported = Tool.Json("export", "gen:aifb@0.05", "--format", "csv", "-o", folder["g.csv"], "--node-types", folder["t.csv"]);
        Assert.Equal(before.GetProperty("edges").GetInt32(), exported.GetProperty("edges").GetInt32());
        JsonElement imported = Tool.Json("import", "--format", "csv", folder["g.csv"], "--node-types", folder["t.csv"], "-o", folder["g"]);
        JsonElement after = Tool.Json("info", folder["g"]);
        foreach (string count in (string[])["nodes", "edges", "nodeTypes", "edgeTypes", "uniqueSource", "uniqueDestination"])
        {
            Assert.Equal(before.GetProperty(count).GetInt32(), imported.GetProperty(count).GetInt32());
            Assert.Equal(before.GetProperty(count).GetInt32(), after.GetProperty(count).GetInt32());
        }

        Assert.Equal(0, Tool.Run("export", folder["g"], "--format", "csv", "-o", folder["again.csv"]).Code);
        Assert.Equal(File.ReadAllText(folder["g.csv"]), File.ReadAllText(folder["again.csv"]));
    }

    [Fact]
    public void Import_reads_triples_and_adds_reverse_edges_when_asked()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["facts.txt"], "a\tlikes\tb\nb\tlikes\tc\na\tknows\tc\n");
        JsonElement plain = Tool.Json("import", "--format", "triples", folder["facts.txt"], "-o", folder["g"]);
        Assert.Equal((3, 3, 2), (Count(plain, "nodes"), Count(plain, "edges"), Count(plain, "edgeTypes")));
        JsonElement both = Tool.Json("import", "--format", "triples", folder["facts.txt"], "--reverse", "-o", folder["g"]);
        Assert.Equal((3, 6, 4), (Count(both, "nodes"), Count(both, "edges"), Count(both, "edgeTypes")));
    }

    [Fact]
    public void Labels_are_imported_with_a_graph_and_trained_on()
    {
        using var folder = new TemporaryFolder();
        int[] members = [.. Enumerable.Range(2, 20)];
        File.WriteAllText(folder["g.csv"], "src,dst,type\n" + string.Concat(members.Select(v => $"{v % 2},{v},0\n{v},{v % 2},1\n")));
        File.WriteAllText(folder["l.csv"], "node,class,split\n" +
            string.Concat(members.Select(v => $"{v},{(v % 2 == 0 ? "even" : "odd")},{(v < 12 ? "train" : "test")}\n")));
        JsonElement imported = Tool.Json("import", "--format", "csv", folder["g.csv"], "--labels", folder["l.csv"], "-o", folder["g"]);
        JsonElement labels = imported.GetProperty("labels");
        Assert.Equal((2, 10, 0, 10), (Count(labels, "classes"), Count(labels, "train"), Count(labels, "valid"), Count(labels, "test")));
        Assert.Equal(1, Tool.Json("train", "rgcn", "--dataset", folder["g"], "--epochs", "30").GetProperty("mean").GetDouble());

        File.AppendAllText(folder["l.csv"], "99,even,test\n");
        Tool.Run("import", "--format", "csv", folder["g.csv"], "--labels", folder["l.csv"], "-o", folder["h"]).AssertRefused("PG0322");
        Assert.False(Path.Exists(folder["h"]));
        Tool.Run("import", "--format", "csv", folder["g.csv"], "--labels", folder["l.csv"], "--label-columns", "node", "-o", folder["h"])
            .AssertRefused("--label-columns");
    }

    [Fact]
    public void Import_does_not_replace_a_folder_that_is_no_graph()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["facts.txt"], "a\tlikes\tb\n");
        Tool.Run("import", "--format", "triples", folder["facts.txt"], "-o", folder.Path).AssertRefused(folder.Path);
        Assert.True(File.Exists(folder["facts.txt"]));
    }

    [DataFact("rdf/aifb")]
    public void Import_of_AIFB_counts_as_the_rules_say()
    {
        AssertImported("rdf/aifb", "dgl", (7262, 48810, 104));
        AssertImported("rdf/aifb", "pyg", (8285, 58086, 90));
    }

    [DataFact("rdf/mutag")]
    public void Import_of_MUTAG_counts_as_the_rules_say()
    {
        AssertImported("rdf/mutag", "dgl", (27163, 148100, 50));
        AssertImported("rdf/mutag", "pyg", (23644, 148454, 46));
    }

    [DataFact("kg/openke/FB15K237")]
    public void Import_of_id_coded_triples_counts_entities_relations_and_train_facts()
    {
        using var folder = new TemporaryFolder();
        JsonElement report = Tool.Json("import", "--format", "openke", DataFactAttribute.Locate("kg/openke/FB15K237"), "-o", folder["g"]);
        Assert.Equal((14541, 272115, 237), (Count(report, "nodes"), Count(report, "edges"), Count(report, "edgeTypes")));
    }

    private static void AssertImported(string path, string rules, (int Nodes, int Edges, int EdgeTypes) expected)
    {
        using var folder = new TemporaryFolder();
        JsonElement report = Tool.Json("import", "--format", "nt", "--rules", rules, DataFactAttribute.Locate(path), "-o", folder["g"]);
        Assert.Equal(expected, (Count(report, "nodes"), Count(report, "edges"), Count(report, "edgeTypes")));
    }

    private static int Count(JsonElement report, string name) => report.GetProperty(name).GetInt32();
}
