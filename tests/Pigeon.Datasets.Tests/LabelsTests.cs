using Pigeon.Tests;
using Xunit;

namespace Pigeon.Datasets.Tests;

public class LabelsTests
{
    private const string Header = "person\tid\tlabel_affiliation\r\n";
    private const string Ada = "http://www.aifb.uni-karlsruhe.de/Personen/viewPersonOWL/ada";
    private const string Bob = "http://www.aifb.uni-karlsruhe.de/Personen/viewPersonOWL/bob";
    private const string Knows = "http://swrc.ontoware.org/ontology#knows";

    [DataFact("rdf/aifb", "rdf/mutag")]
    public void Rdf_datasets_have_their_labels_by_both_rule_sets()
    {
        Check("aifb", 4, [58, 22, 48, 12], [15, 6, 12, 3], type: "Personen");
        Check("aifb-pyg", 4, [58, 22, 48, 12], [15, 6, 12, 3], type: "node");
        Check("mutag", 2, [166, 106], [45, 23], type: "d");
        Check("mutag-pyg", 2, [166, 106], [45, 23], type: "node");

        static void Check(string name, int classes, int[] train, int[] test, string type)
        {
            var dataset = DatasetRegistry.Open(name, DataFactAttribute.Folder);
            var labels = dataset.Labels!;
            Assert.Equal(classes, labels.ClassNames.Length);
            Assert.Equal(train, CountByClass(labels.Train, classes));
            Assert.Equal(test, CountByClass(labels.Test, classes));
            Assert.Equal(0, labels.Valid.Count);
            Assert.Empty(labels.Train.Nodes.Intersect(labels.Test.Nodes));
            Assert.All(labels.Train.Nodes.Concat(labels.Test.Nodes),
                node => Assert.Equal(type, dataset.Graph.NodeTypes[dataset.Graph.NodeType[node]]));
        }
    }

    [DataFact("rdf/aifb")]
    public void Both_rule_sets_label_the_same_people()
    {
        var dgl = DatasetRegistry.Open("aifb", DataFactAttribute.Folder);
        var pyg = DatasetRegistry.Open("aifb-pyg", DataFactAttribute.Folder);
        Assert.Equal(dgl.Labels!.Train.Classes.AsEnumerable(), pyg.Labels!.Train.Classes);
        Assert.All(dgl.Labels.Train.Nodes.Zip(pyg.Labels.Train.Nodes), pair =>
            Assert.EndsWith(dgl.NodeNames![pair.First].Split('/')[1] + ">", pyg.NodeNames![pair.Second]));
    }

    [DataFact("rdf/mutag")]
    public void Mutag_classes_are_named_as_in_the_complete_file() =>
        Assert.Equal(["0", "1"], DatasetRegistry.Open("mutag", DataFactAttribute.Folder).Labels!.ClassNames.AsEnumerable());

    [DataFact("rdf/am-kgbench-12rel")]
    public void Am_has_its_labels()
    {
        var dataset = DatasetRegistry.Open("am-12rel", DataFactAttribute.Folder);
        var labels = dataset.Labels!;
        Assert.Equal((13_423, 20_000, 20_000), (labels.Train.Count, labels.Valid.Count, labels.Test.Count));
        Assert.Equal([722, 4647, 981, 1413, 762, 487, 309, 4102], CountByClass(labels.Train, 8));
        Assert.Equal((8, (979_296, 7)), (labels.ClassNames.Length, (labels.Train.Nodes[0], labels.Train.Classes[0])));
        Assert.Equal(53_423, new HashSet<int>([.. labels.Train.Nodes, .. labels.Valid.Nodes, .. labels.Test.Nodes]).Count);
        Assert.Null(dataset.Splits);
    }

    [DataFact("kg/FB15k-237", "kg/umls", "kg/kinship", "kg/codex-s")]
    public void Knowledge_graphs_have_their_splits()
    {
        Check("fb15k-237", 14_541, 237, 272_115, 17_535, 20_466);
        Check("umls", 135, 46, 5_216, 652, 661);
        Check("kinship", 104, 25, 8_548, 1_069, 1_069);
        Check("codex-s", 2_034, 42, 32_888, 1_827, 1_828);

        static void Check(string name, int entities, int relations, int train, int valid, int test)
        {
            var dataset = DatasetRegistry.Open(name, DataFactAttribute.Folder);
            var splits = dataset.Splits!;
            Assert.Equal((entities, relations, train, valid, test),
                (splits.EntityCount, splits.RelationCount, splits.Train.Count, splits.Valid.Count, splits.Test.Count));
            Assert.Equal((entities, 2 * relations, 2 * train),
                (dataset.Graph.NodeCount, dataset.Graph.EdgeTypes.Length, dataset.Graph.EdgeCount));
            Assert.Null(dataset.Labels);
        }
    }

    [DataFact("kg/wn18rr")]
    public void Wn18rr_has_its_splits() =>
        Assert.Equal(3_134, DatasetRegistry.Open("wn18rr", DataFactAttribute.Folder).Splits!.Test.Count);

    [DataFact("kg/FB15k-237")]
    public void Graphs_that_hold_the_test_facts_have_no_splits() =>
        Assert.Null(DatasetRegistry.Open("fb15k-237-all", DataFactAttribute.Folder).Splits);

    [Fact]
    public void Graph_of_triples_numbers_entities_and_relations_as_its_splits()
    {
        using var data = new TempFolder();
        Directory.CreateDirectory(data.At("kg/umls"));
        data.Write("kg/umls/train.txt", "a\tr\tb\nb\ts\tc\n");
        data.Write("kg/umls/test.txt", "c\ts\ta\nd\tr\ta\n");
        var dataset = DatasetRegistry.Open("umls", data.Path);
        var splits = dataset.Splits!;
        Assert.Equal((4, 2), (splits.EntityCount, splits.RelationCount));
        Assert.Equal([(2, 1, 0), (3, 0, 0)], splits.Test.Heads.Select((head, i) => (head, splits.Test.Relations[i], splits.Test.Tails[i])));
        Assert.Equal([0, 1], splits.Train.Heads.AsEnumerable());
        Assert.Equal([0, 1, 1, 2], dataset.Graph.Source.ToArray());
    }

    [Theory]
    [InlineData("aifb")]
    [InlineData("aifb-pyg")]
    public void Rdf_labels_are_read(string name)
    {
        using var data = Aifb(Header + $"{Ada}\t1.0\tred\r\n", Header + $"{Bob}\t2.0\tblue\r\n");
        var dataset = DatasetRegistry.Open(name, data.Path);
        var labels = dataset.Labels!;
        Assert.Equal(["blue", "red"], labels.ClassNames.AsEnumerable());
        Assert.Equal((1, 0), (labels.Train.Classes.Single(), labels.Test.Classes.Single()));
        Assert.Contains("ada", dataset.NodeNames![labels.Train.Nodes.Single()]);
        Assert.Contains("bob", dataset.NodeNames[labels.Test.Nodes.Single()]);
    }

    [Theory]
    [InlineData(RdfVocabulary.Bgs, "(lith)", "rock", "label_lithogenesis")]
    [InlineData(RdfVocabulary.Am, "", "proxy", "label_cateogory")]
    public void Columns_are_found_by_name(RdfVocabulary vocabulary, string suffix, string node, string @class)
    {
        using var folder = new TempFolder();
        string nt = folder.Write("g.nt", $"<{Ada}> <{Knows}> <{Bob}> .\n");
        folder.Write($"trainingSet{suffix}.tsv", $"id\t{node}\t{@class}\n1.0\t{Ada}\tx\n");
        folder.Write($"testSet{suffix}.tsv", $"{@class}\t{node}\tid\ny\t{Bob}\t2.0\n");
        var labels = RdfLabels.Read(folder.Path, vocabulary, RdfRules.Pyg, RdfRules.Pyg.ToGraph(NTriples.Read(nt), "g"));
        Assert.Equal([(0, 0), (1, 1)], [(labels.Train.Nodes[0], labels.Train.Classes[0]), (labels.Test.Nodes[0], labels.Test.Classes[0])]);
    }

    [Fact]
    public void Datasets_without_label_files_have_no_labels()
    {
        using var data = Aifb("", "");
        File.Delete(data.At("rdf/aifb/trainingSet.tsv"));
        Assert.Null(DatasetRegistry.Open("aifb", data.Path).Labels);
    }

    [Theory]
    [InlineData(Header + Ada + "\t1.0\tred\n" + Ada + "2\t1.0\tred\n", "PG0322", "trainingSet.tsv:3")]
    [InlineData(Header + "http://example.org/ada\t1.0\tred\n", "PG0322", "trainingSet.tsv:2")]
    [InlineData(Header + Ada + "\t1.0\tred\n" + Ada + "\t1.0\tblue\n", "PG0321", "trainingSet.tsv:3")]
    [InlineData(Header + Ada + "\tred\n", "PG0306", "trainingSet.tsv:2")]
    [InlineData("person\tid\tcolour\n", "PG0310", "trainingSet.tsv:1")]
    [InlineData("", "PG0306", "trainingSet.tsv:0")]
    public void Rdf_labels_that_can_not_be_are_refused(string train, string id, string place)
    {
        using var data = Aifb(train, Header);
        Refusal.At(id, place, () => DatasetRegistry.Open("aifb", data.Path));
        Refusal.At(id, place, () => DatasetRegistry.Open("aifb-pyg", data.Path));
    }

    [Theory]
    [InlineData("2,0", "PG0307", "training.int.csv:2")]
    [InlineData("-1,0", "PG0307", "training.int.csv:2")]
    [InlineData("1,-1", "PG0307", "training.int.csv:2")]
    [InlineData("0,1", "PG0321", "training.int.csv:2")]
    [InlineData("1", "PG0306", "training.int.csv:2")]
    [InlineData("1,0,0", "PG0306", "training.int.csv:2")]
    [InlineData("1,99999999", "PG0311", "")]
    public void Integer_labels_that_can_not_be_are_refused(string row, string id, string place)
    {
        using var folder = new TempFolder();
        folder.Write("training.int.csv", $"0,0\n{row}\n");
        folder.Write("validation.int.csv", "");
        folder.Write("testing.int.csv", "");
        Refusal.At(id, place, () => KgbenchLabels.Read(folder.Path, nodes: 2));
    }

    [Fact]
    public void Labels_made_in_code_are_checked()
    {
        Refusal.Of("PG0309", () => LabelledNodes.Create([1, 2], [0]));
        Refusal.Of("PG0321", () => LabelledNodes.Create([1, 1], [0, 0]));
        Refusal.Of("PG0307", () => new NodeLabels(["a"], LabelledNodes.Create([1], [1]), LabelledNodes.None, LabelledNodes.None));
        Refusal.Of("PG0307", () => new NodeLabels(["a"], LabelledNodes.None, LabelledNodes.None, LabelledNodes.Create([1], [-1])));
    }

    private static int[] CountByClass(LabelledNodes labels, int classes) =>
        [.. Enumerable.Range(0, classes).Select(c => labels.Classes.Count(other => other == c))];

    /// <summary>A data folder in which Ada knows Bob.</summary>
    private static TempFolder Aifb(string train, string test)
    {
        var data = new TempFolder();
        Directory.CreateDirectory(data.At("rdf/aifb"));
        data.Write("rdf/aifb/g.nt", $"<{Ada}> <{Knows}> <{Bob}> .\n");
        data.Write("rdf/aifb/trainingSet.tsv", train);
        data.Write("rdf/aifb/testSet.tsv", test);
        return data;
    }
}
