using System.IO.Compression;
using System.Text;
using Pigeon.Tests;
using Xunit;

namespace Pigeon.Datasets.Tests;

public class QueryCsvTests
{
    private const string Header = ",edges,edge_labels,query_edge,query_label\n";
    private const string Good = "0,\"[(0, 1), (1, 2)]\",\"['EC', 'NTPPI']\",\"(0, 2)\",DC\n";
    private const string StoryHeader = "id,story,target,story_edges,edge_types,query_edge\n";
    private const string Story = "7,\"[Ann] said \"\"yes, Bob\"\"\",son,\"[(0, 1)]\",\"['daughter']\",\"(1, 0)\"\n";

    [Fact]
    public void Star_and_clutrr_are_told_apart_by_their_headers()
    {
        using var folder = new TempFolder();
        QuerySet star = QueryCsv.Read(folder.Write("star.csv", Header + Good));
        Assert.Equal(["DC", "EC", "NTPPI"], star.Relations.AsEnumerable());
        RelationQuery query = Assert.Single(star.Queries);
        Assert.Equal((3, 0, 2, 0), (query.NodeCount, query.Head, query.Tail, query.Answer));
        Assert.Equal([0, 1], query.Sources.AsEnumerable());
        Assert.Equal([1, 2], query.Destinations.AsEnumerable());
        Assert.Equal([1, 2], query.Types.AsEnumerable());

        QuerySet clutrr = QueryCsv.Read(folder.Write("clutrr.csv", StoryHeader + Story));
        Assert.Equal(["daughter", "son"], clutrr.Relations.AsEnumerable());
        Assert.Equal((2, 1, 0, 1), (clutrr.Queries[0].NodeCount, clutrr.Queries[0].Head, clutrr.Queries[0].Tail, clutrr.Queries[0].Answer));
    }

    [Fact]
    public void Tail_without_edges_is_a_node()
    {
        using var folder = new TempFolder();
        Assert.Equal(10, QueryCsv.Read(folder.Write("a.csv", Header + "0,[],[],\"(0, 9)\",DC\n")).Queries[0].NodeCount);
    }

    [Theory]
    [InlineData("", "PG0310")]
    [InlineData(",edges,edge_labels,query_edge\n", "PG0310")]
    [InlineData(Header, "PG0325")]
    [InlineData(Header + "0,\"[(0, 1)]\",\"['EC']\",\"(1, 1)\",DC\n", "PG0325")]
    [InlineData(Header + "0,\"[(0, 1)]\",\"['EC', 'DC']\",\"(0, 1)\",DC\n", "PG0306")]
    [InlineData(Header + "0,\"[(0, 1)]\",\"['EC']\",\"(0, 1)\"\n", "PG0306")]
    [InlineData(Header + "0,\"[(0, 1)]\",\"['EC']\",\"(0, 1)\",DC,more\n", "PG0306")]
    [InlineData(Header + "0,\"[(0, 1)\n", "PG0306")]
    [InlineData(Header + "0,\"[(0, 1)]\"x,\"['EC']\",\"(0, 1)\",DC\n", "PG0306")]
    [InlineData(Header + "0,\"[(0, 1)\",\"['EC']\",\"(0, 1)\",DC\n", "PG0328")]
    [InlineData(Header + "0,\"[(0 1)]\",\"['EC']\",\"(0, 1)\",DC\n", "PG0328")]
    [InlineData(Header + "0,\"[(0, 1)],\",\"['EC']\",\"(0, 1)\",DC\n", "PG0328")]
    [InlineData(Header + "0,\"[(0, -1)]\",\"['EC']\",\"(0, 1)\",DC\n", "PG0328")]
    [InlineData(Header + "0,\"__import__('os')\",\"['EC']\",\"(0, 1)\",DC\n", "PG0328")]
    [InlineData(Header + "0,\"[(0, 1)]\",\"['EC]\",\"(0, 1)\",DC\n", "PG0328")]
    [InlineData(Header + "0,\"[(0, 1)]\",\"['E\\'C']\",\"(0, 1)\",DC\n", "PG0328")]
    [InlineData(Header + "0,\"[(0, 1)]\",[EC],\"(0, 1)\",DC\n", "PG0328")]
    [InlineData(Header + "0,\"[(0, 70000)]\",\"['EC']\",\"(0, 1)\",DC\n", "PG0307")]
    [InlineData(Header + "0,\"[(0, 99999999999999999999)]\",\"['EC']\",\"(0, 1)\",DC\n", "PG0307")]
    public void Hostile_text_is_refused(string text, string id)
    {
        using var folder = new TempFolder();
        string path = folder.Write("a.csv", text);
        Assert.Contains("a.csv", Refusal.Of(id, () => QueryCsv.Read(path)).Place);
    }

    [Fact]
    public void Unknown_relation_is_refused_where_relations_are_given()
    {
        using var folder = new TempFolder();
        string path = folder.Write("a.csv", Header + Good);
        Refusal.At("PG0308", "a.csv:2", () => QueryCsv.Read(path, ["DC", "EC"]));
    }

    [Fact]
    public void Text_that_is_not_utf8_is_refused()
    {
        using var folder = new TempFolder();
        File.WriteAllBytes(folder.At("a.csv"), [.. Encoding.UTF8.GetBytes(Header + "0,\"[(0, 1)]\",\"['"), 0xFF, .. "']\",\"(0, 1)\",DC\n"u8]);
        Refusal.At("PG0303", "a.csv:2", () => QueryCsv.Read(folder.At("a.csv")));
    }

    [Fact]
    public void Clutrr_archive_gives_training_and_tests_in_order()
    {
        using var folder = new TempFolder();
        string zip = Archive(folder, ("1.2,1.3_train.csv", StoryHeader + Story), ("1.10_test.csv", StoryHeader + Story),
            ("1.9_test.csv", StoryHeader + Story.Replace("son", "aunt")), ("config.json", "{}"));
        QueryDataset dataset = Clutrr.Read(zip);
        Assert.Equal([9, 10], dataset.Tests.Select(cell => cell.Length));
        Assert.Equal(["aunt", "daughter", "son"], dataset.Train.Relations.AsEnumerable());
    }

    [Fact]
    public void Archive_without_training_or_that_is_none_is_refused()
    {
        using var folder = new TempFolder();
        Refusal.Of("PG0302", () => Clutrr.Read(Archive(folder, ("1.9_test.csv", StoryHeader + Story))));
        Refusal.Of("PG0302", () => Clutrr.Read(folder.Write("b.zip", "PK nothing")));
        Refusal.Of("PG0301", () => Clutrr.Read(folder.At("missing.zip")));
    }

    [Fact]
    public void Archive_that_is_cut_is_refused()
    {
        using var folder = new TempFolder();
        string zip = Archive(folder, ("1.2_train.csv", StoryHeader + string.Concat(Enumerable.Repeat(Story, 200))));
        byte[] bytes = File.ReadAllBytes(zip);
        File.WriteAllBytes(zip, bytes[..^30]);
        Refusal.Of("PG0302", () => Clutrr.Read(zip));

        // The directory states a byte more than the member has.
        byte[] wrong = [.. bytes];
        wrong[wrong.AsSpan().LastIndexOf("1.2_train.csv"u8) - 22]++;
        File.WriteAllBytes(zip, wrong);
        Refusal.Of("PG0302", () => Clutrr.Read(zip));
    }

    [Fact]
    public void Folder_without_cells_is_refused()
    {
        using var folder = new TempFolder();
        Refusal.Of("PG0301", () => Star.Read(folder.Path, "rcc8"));
        Refusal.Of("PG0301", () => Star.Read(folder.At("missing"), "rcc8"));
    }

    [Fact]
    public void Star_learns_from_short_cells_and_tests_on_long_ones()
    {
        using var folder = new TempFolder();
        folder.Write("test_rcc8_k_2_b_1.csv", Header + Good);
        folder.Write("test_rcc8_k_4_b_4.csv", Header + Good);
        folder.Write("test_interval_k_2_b_1.csv", Header + Good);
        folder.WriteGzip("test_rcc8_k_9_b_1.csv.gz", Encoding.UTF8.GetBytes(Header + Good));
        QueryDataset dataset = Star.Read(folder.Path, "rcc8");
        Assert.Single(dataset.Train.Queries);
        Assert.Equal((9, 1), (Assert.Single(dataset.Tests).Length, dataset.Tests[0].Paths));
    }

    [DataFact("epignn/clutrr/data_db9b8f04.zip")]
    public void Clutrr_has_its_published_counts()
    {
        QueryDataset dataset = Clutrr.Read(DataFactAttribute.Locate("epignn/clutrr/data_db9b8f04.zip"));
        Assert.Equal((15_083, 20), (dataset.Train.Queries.Length, dataset.Train.Relations.Length));
        Assert.Equal([38, 107, 77, 185, 105, 155, 135, 124, 122], dataset.Tests.Select(cell => cell.Questions.Queries.Length));
    }

    private static string Archive(TempFolder folder, params (string Name, string Text)[] members)
    {
        string path = folder.At("a.zip");
        File.Delete(path);
        using ZipArchive zip = ZipFile.Open(path, ZipArchiveMode.Create);
        foreach ((string name, string text) in members)
        {
            using Stream stream = zip.CreateEntry(name).Open();
            stream.Write(Encoding.UTF8.GetBytes(text));
        }

        return path;
    }
}
