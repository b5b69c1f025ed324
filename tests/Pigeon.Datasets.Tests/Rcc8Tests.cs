using Pigeon.Tests;
using Xunit;

namespace Pigeon.Datasets.Tests;

public class Rcc8Tests
{
    [Fact]
    public void Equal_is_the_identity_and_converses_turn_compositions_round()
    {
        for (int a = 1; a < 256; a++)
        {
            Assert.Equal(a, Rcc8.Compose((byte)a, Rcc8.Equal));
            Assert.Equal(a, Rcc8.Compose(Rcc8.Equal, (byte)a));
            Assert.Equal(a, Rcc8.Converse(Rcc8.Converse((byte)a)));
            for (int b = 1; b < 256; b <<= 1)
            {
                Assert.Equal(Rcc8.Converse(Rcc8.Compose((byte)a, (byte)b)), Rcc8.Compose(Rcc8.Converse((byte)b), Rcc8.Converse((byte)a)));
            }
        }
    }

    [Fact]
    public void Relation_may_hold_between_regions_and_itself_only_if_it_does_not_part_them()
    {
        // x R y R⁻¹ x: EQ is always among what may hold.
        for (int relation = 1; relation < 256; relation <<= 1)
        {
            Assert.NotEqual(0, Rcc8.Compose((byte)relation, Rcc8.Converse((byte)relation)) & Rcc8.Equal);
        }
    }

    [Fact]
    public void Every_generated_question_has_one_answer_and_that_is_right()
    {
        QueryDataset dataset = Rcc8Generator.Create(seed: 3, perAnswer: 12, perTestAnswer: 6);
        Assert.Equal(12 * 8 * 9, dataset.Train.Queries.Length);
        foreach (QuerySet set in dataset.Tests.Select(cell => cell.Questions).Append(dataset.Train))
        {
            Assert.All(set.Queries, query =>
                Assert.Equal(1 << Rcc8.Names.IndexOf(set.Relations[query.Answer]), PathConsistency.Entailed(query, set.Relations)));
            Assert.All(set.Queries.CountBy(query => query.Answer), answer => Assert.Equal(set.Queries.Length / 8, answer.Value));
        }
    }

    [Fact]
    public void Generated_graphs_are_ways_side_by_side()
    {
        foreach (QueryCell cell in Rcc8Generator.Create(seed: 4, perAnswer: 1, perTestAnswer: 3).Tests)
        {
            Assert.All(cell.Questions.Queries, query =>
            {
                Assert.Equal((cell.Length * cell.Paths, (cell.Length * cell.Paths) - cell.Paths + 2), (query.Types.Length, query.NodeCount));
                Assert.Equal((cell.Paths, cell.Paths), (query.Sources.Count(v => v == query.Head), query.Destinations.Count(v => v == query.Tail)));
            });
        }
    }

    [Fact]
    public void Seed_decides_what_is_generated()
    {
        Assert.Equal(Types(1), Types(1));
        Assert.NotEqual(Types(1), Types(2));

        static int[] Types(ulong seed) => [.. Rcc8Generator.Create(seed, 2, 1).Train.Queries.SelectMany(query => query.Types)];
    }

    [DataFact("epignn/star")]
    public void Published_answers_are_entailed()
    {
        const int every = 97;
        QueryDataset dataset = QueryDatasets.Open("star-rcc8", DataFactAttribute.Folder);
        Assert.Equal(57_600, dataset.Train.Queries.Length);
        Assert.Equal([(5, 1), (6, 1), (7, 1), (8, 1), (9, 1)], dataset.Tests.Select(cell => (cell.Length, cell.Paths)));
        foreach (QuerySet set in dataset.Tests.Select(cell => cell.Questions).Append(dataset.Train))
        {
            Assert.All(set.Queries.Where((_, i) => i % every == 0), query =>
                Assert.Equal(1 << Rcc8.Names.IndexOf(set.Relations[query.Answer]), PathConsistency.Entailed(query, set.Relations)));
        }
    }

    [Fact]
    public void Unknown_and_absent_datasets_are_refused()
    {
        Refusal.Of("PG0317", () => QueryDatasets.Open("star", null));
        Refusal.Of("PG0318", () => QueryDatasets.Open("clutrr", null));
        Refusal.Of("PG0317", () => SeriesDatasets.Open("etth3", null, "OT"));
        Refusal.Of("PG0318", () => SeriesDatasets.Open("etth1", "nowhere", "OT"));
    }
}
