using Pigeon.Runtime;
using Pigeon.Tests;
using Xunit;

namespace Pigeon.Datasets.Tests;

public class LabelFilesTests
{
    private static readonly GraphDataset Named = new("g", HeteroGraph.Create(4, ["r"], [0], [1], [0]), "test", ["a", "b", "c,d", "e"]);
    private static readonly GraphDataset Numbered = Named with { NodeNames = null };

    [Fact]
    public void A_file_tells_the_split_of_each_label()
    {
        using var folder = new TempFolder();
        string file = folder.Write("l.csv", "split,node,note,class\ntrain,a,,red\ntest,\"c,d\",x,red\nvalid,b,,\"dark \"\"blue\"\"\"\ntrain,e,,\"dark \"\"blue\"\"\"\n");
        NodeLabels labels = LabelFiles.Read([new(file)], Named);
        Assert.Equal(["dark \"blue\"", "red"], labels.ClassNames.AsEnumerable());
        Assert.Equal([(0, 1), (3, 0)], Pairs(labels.Train));
        Assert.Equal([(1, 0)], Pairs(labels.Valid));
        Assert.Equal([(2, 1)], Pairs(labels.Test));
    }

    [Fact]
    public void A_file_may_be_one_split_and_have_its_own_columns()
    {
        using var folder = new TempFolder();
        string train = "train=" + folder.Write("train.tsv", "id\tlabel\n0\t10\n2\t9\n");
        string test = "test=" + folder.Write("test.tsv", "label\tid\n10\t3\n");
        NodeLabels labels = LabelFiles.Read([LabelFile.Parse(train, "id", "label"), LabelFile.Parse(test, "id", "label")], Numbered);
        Assert.Equal(["9", "10"], labels.ClassNames.AsEnumerable());
        Assert.Equal([(0, 1), (2, 0)], Pairs(labels.Train));
        Assert.Equal([(3, 1)], Pairs(labels.Test));
        Assert.Equal(0, labels.Valid.Count);
    }

    [Theory]
    [InlineData("PG0322", ":2", "node,class,split\nnobody,red,train\n")]
    [InlineData("PG0321", ":3", "node,class,split\na,red,train\na,red,train\n")]
    [InlineData("PG0323", ":2", "node,class,split\na,red,dev\n")]
    [InlineData("PG0324", ":3", "node,class,split\na,red,train\nb,blue,test\n")]
    [InlineData("PG0310", ":1", "node,kind,split\na,red,train\n")]
    [InlineData("PG0310", ":1", "node,class\na,red\n")]
    [InlineData("PG0310", ":0", "")]
    [InlineData("PG0306", ":2", "node,class,split\na,red\n")]
    [InlineData("PG0306", ":2", "node,class,split\n\"a,red,train\n")]
    public void What_can_not_be_is_refused_with_its_line(string id, string place, string text)
    {
        using var folder = new TempFolder();
        string file = folder.Write("l.csv", text);
        Refusal.At(id, place, () => LabelFiles.Read([new(file)], Named));
    }

    [Theory]
    [InlineData("4")]
    [InlineData("-1")]
    [InlineData("a")]
    public void A_number_that_is_no_node_is_refused(string node)
    {
        using var folder = new TempFolder();
        string file = folder.Write("l.csv", $"node,class\n{node},red\n");
        Refusal.At("PG0322", ":2", () => LabelFiles.Read([new(file, "train")], Numbered));
    }

    [DataFact("rdf/aifb")]
    public void The_files_of_an_RDF_dataset_give_the_labels_that_the_registry_reads()
    {
        string data = Path.Combine(DataFactAttribute.Folder!, "rdf", "aifb");
        LabelFile[] files = [.. new[] { "train=" + Path.Combine(data, "trainingSet.tsv"), "test=" + Path.Combine(data, "testSet.tsv") }
            .Select(file => LabelFile.Parse(file, "person", "label_affiliation"))];
        foreach ((string name, RdfRules rules) in new[] { ("aifb", RdfRules.Dgl(RdfVocabulary.Aifb)), ("aifb-pyg", RdfRules.Pyg) })
        {
            GraphDataset dataset = DatasetRegistry.Open(name, DataFactAttribute.Folder);
            NodeLabels labels = LabelFiles.Read(files, dataset, rules.NodeNameOf);
            Assert.Equal(dataset.Labels!.ClassNames.AsEnumerable(), labels.ClassNames.AsEnumerable());
            Assert.Equal(Pairs(dataset.Labels.Train), Pairs(labels.Train));
            Assert.Equal(Pairs(dataset.Labels.Test), Pairs(labels.Test));
        }
    }

    private static IEnumerable<(int Node, int Class)> Pairs(LabelledNodes labels) => labels.Nodes.Zip(labels.Classes);
}
