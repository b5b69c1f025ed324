using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using Pigeon.Tests;
using Xunit;

namespace Pigeon.Datasets.Tests;

public class TripleTests
{
    [DataFact("kg/FB15k-237")]
    public void Fb15k237_from_the_archive_has_the_golden_counts() => CheckText("kg/FB15k-237");

    [DataFact("kg/openke/FB15K237")]
    public void Fb15k237_from_OpenKE_has_the_golden_counts() => CheckOpenKe("openke/FB15K237");

    [DataFact("kg/openke/NELL-995")]
    public void Nell995_has_the_golden_counts() => CheckOpenKe("openke/NELL-995");

    [DataFact("kg/wn18rr")]
    public void Wn18rr_has_the_golden_counts() => CheckText("kg/wn18rr");

    [DataFact("kg/umls")]
    public void Umls_has_the_golden_counts() => CheckText("kg/umls");

    [DataFact("kg/codex-s")]
    public void CodexS_has_the_golden_counts() => CheckText("kg/codex-s");

    [DataFact("kg/codex-m")]
    public void CodexM_has_the_golden_counts() => CheckText("kg/codex-m");

    [DataFact("kg/kinship")]
    public void Kinship_has_the_golden_counts() => Golden.Check("kg/kinship",
        TextTriples.Read(DataFactAttribute.Locate("kg/kinship"), TripleOrder.RelationHeadTail));

    [DataFact("kg/grail/fb237_v1")]
    public void Grail_split_has_the_golden_counts() => CheckText("kg/grail/fb237_v1");

    [DataFact("rdf/am-kgbench-12rel")]
    public void Am12_has_the_golden_counts() => Golden.Check("rdf/am-kgbench-12rel",
        KgbenchTriples.Read(DataFactAttribute.Locate("rdf/am-kgbench-12rel")));

    [DataFact("kg/FB15k-237", "kg/openke/FB15K237")]
    public void All_splits_with_reverse_have_DGLs_counts()
    {
        var graph = TextTriples.Read(DataFactAttribute.Locate("kg/FB15k-237")).ToGraph(TripleSplits.All, reverse: true).Graph;
        Assert.Equal((14_541, 620_232, 474), (graph.NodeCount, graph.EdgeCount, graph.EdgeTypes.Length));
    }

    [DataFact("hetero/ogbn_mag_0.1")]
    public void Mag_corner_has_the_published_counts()
    {
        var graph = MagCorner.Read(DataFactAttribute.Locate("hetero/ogbn_mag_0.1")).Graph;
        int[] edges = [.. graph.EdgeTypeOf.ToArray().CountBy(r => r).OrderBy(p => p.Key).Select(p => p.Value)];
        Assert.Equal([52_670, 64_620, 55_296], edges);
        Assert.Equal([73_638, 6_001, 73_638], graph.NodeType.ToArray().CountBy(k => k).OrderBy(p => p.Key).Select(p => p.Value));
        Assert.All(graph.EdgeTypes, type => Assert.True(type.IsCanonical));
    }

    [Fact]
    public void Names_are_numbered_by_first_appearance_in_train_valid_test()
    {
        using var folder = new TempFolder();
        folder.Write("train.txt", "b\tlikes\ta\r\n");
        folder.Write("test.txt", "d\tlikes\tb\n");
        folder.Write("valid.txt", "c\tknows\tb\n");
        var set = TextTriples.Read(folder.Path);
        Assert.Equal(["b", "a", "c", "d"], set.EntityNames!);
        Assert.Equal(["likes", "knows"], set.RelationNames);
        Assert.Equal((4, 1), (set.ToGraph().Graph.NodeCount, set.ToGraph().Graph.EdgeCount));
        Assert.Equal((3, 4), (set.ToGraph(TripleSplits.All).Graph.EdgeCount, set.ToGraph(reverse: true).Graph.EdgeTypes.Length));
    }

    [Fact]
    public void Names_are_numbered_by_dict_files_where_there_are()
    {
        using var folder = new TempFolder();
        folder.Write("train.txt", "b\tlikes\ta\n");
        folder.Write("entities.dict", "0\ta\n1\tb\n2\tlonely\n");
        Assert.Equal((3, 1), (TextTriples.Read(folder.Path).EntityCount, TextTriples.Read(folder.Path).Train.Heads[0]));
        folder.Write("entities.dict", "0\ta\n1\tc\n");
        Refusal.At("PG0308", "train.txt:1", () => TextTriples.Read(folder.Path));
        folder.Write("entities.dict", "0\ta\n2\tb\n");
        Refusal.At("PG0309", "entities.dict:2", () => TextTriples.Read(folder.Path));
        folder.Write("entities.dict", "0\ta\n1\ta\n");
        Refusal.At("PG0309", "entities.dict:2", () => TextTriples.Read(folder.Path));
    }

    [Fact]
    public void Archive_members_are_found_in_any_order_and_folder()
    {
        using var folder = new TempFolder();
        using (var tar = new TarWriter(new GZipStream(File.Create(folder.At("set.tar.gz")), CompressionMode.Compress)))
        {
            foreach (string split in (string[])["valid", "train"])
            {
                tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, $"../x/{split}.txt")
                {
                    DataStream = new MemoryStream(Encoding.UTF8.GetBytes($"a\tr\t{split}\n")),
                });
            }
        }

        Assert.Equal(["a", "train", "valid"], TextTriples.Read(folder.Path).EntityNames!);
        Assert.Equal(["a", "train", "valid"], TextTriples.Read(folder.At("set.tar.gz")).EntityNames!);
        File.WriteAllBytes(folder.At("set.tar.gz"), File.ReadAllBytes(folder.At("set.tar.gz"))[..^30]);
        Refusal.Of("PG0302", () => TextTriples.Read(folder.Path));
    }

    [Theory]
    [InlineData("a\tr\n", "PG0306")]
    [InlineData("a\tr\tb\tc\n", "PG0306")]
    [InlineData("a r b\n", "PG0306")]
    public void Text_triples_refuse_a_ragged_row(string row, string id)
    {
        using var folder = new TempFolder();
        Refusal.At(id, "train.txt:3", () => TextTriples.Read(folder.Write("train.txt", "a\tr\tb\n\n" + row)));
    }

    [Theory]
    [InlineData("2\n0 1 0\n", "PG0309", "train2id.txt")]
    [InlineData("1\n0 1\n", "PG0306", "train2id.txt:2")]
    [InlineData("1\n0 1 0 0\n", "PG0306", "train2id.txt:2")]
    [InlineData("1\n0 -1 0\n", "PG0307", "train2id.txt:2")]
    [InlineData("1\n0 2 0\n", "PG0307", "train2id.txt:2")]
    [InlineData("1\n0 1 1.5\n", "PG0307", "train2id.txt:2")]
    [InlineData("many\n0 1 0\n", "PG0307", "train2id.txt:1")]
    public void OpenKE_refuses_bad_rows(string text, string id, string place)
    {
        using var folder = new TempFolder();
        folder.Write("entity2id.txt", "2\r\na\t0\r\nb\t1\r\n");
        folder.Write("train2id.txt", text);
        Refusal.At(id, place, () => OpenKeTriples.Read(folder.Path));
    }

    [Theory]
    [InlineData("2\na\t0\n")]
    [InlineData("2\na\t0\nb\t0\n")]
    public void OpenKE_refuses_names_that_are_not_each_there_once(string text)
    {
        using var folder = new TempFolder();
        folder.Write("entity2id.txt", text);
        folder.Write("train2id.txt", "1\n0 1 0\n");
        Refusal.At("PG0309", "entity2id.txt", () => OpenKeTriples.Read(folder.Path));
    }

    [Fact]
    public void Triples_refuse_an_id_that_is_absurdly_large()
    {
        using var folder = new TempFolder();
        Refusal.Of("PG0311", () => OpenKeTriples.Read(folder.Write("train2id.txt", "1\n0 2000000000 0\n")));
        folder.Write("triples.int.csv", "0, 2000000000, 1\n");
        Refusal.Of("PG0311", () => KgbenchTriples.Read(folder.Path));
    }

    [Fact]
    public void Files_that_are_missing_are_refused()
    {
        using var folder = new TempFolder();
        Refusal.Of("PG0301", () => TextTriples.Read(folder.Path));
        Refusal.Of("PG0301", () => TextTriples.Read(folder.At("missing")));
        Refusal.Of("PG0301", () => OpenKeTriples.Read(folder.At("missing")));
        Refusal.Of("PG0301", () => KgbenchTriples.Read(folder.Path));
        Refusal.Of("PG0301", () => MagCorner.Read(folder.Path));
    }

    private static void CheckText(string key) => Golden.Check(key, TextTriples.Read(DataFactAttribute.Locate(key)));

    private static void CheckOpenKe(string key) => Golden.Check(key, OpenKeTriples.Read(DataFactAttribute.Locate("kg/" + key)));
}
