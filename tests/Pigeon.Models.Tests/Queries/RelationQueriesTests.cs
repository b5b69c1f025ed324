using System.Collections.Immutable;
using Pigeon.Datasets;
using Pigeon.Kernels;
using Pigeon.Runtime;
using Xunit;

namespace Pigeon.Models.Tests;

public class RelationQueriesTests
{
    private const string Star = ",edges,edge_labels,query_edge,query_label\n0,\"[(0, 1)]\",\"['EC']\",\"(0, 1)\",EC\n1,\"[(0, 1)]\",\"['PO']\",\"(0, 1)\",PO\n";
    private static readonly QueryDataset Questions = Rcc8Generator.Create(seed: 1, perAnswer: 20, perTestAnswer: 10);
    private static readonly Lazy<RelationQueries> EpiGnn = new(() => RelationQueries.Create(RecipeFor("epignn"), Questions));

    [Fact]
    public void EpiGnn_learns_in_a_few_steps()
    {
        TrainingResult result = EpiGnn.Value.Train(seed: 1);
        ImmutableArray<EpochReport> history = result.Record.History;
        Assert.True(history[^1].Loss < 0.5 * history[0].Loss, $"{history[0].Loss} → {history[^1].Loss}");
        Assert.True(result.Valid > 0.6, $"{result.Valid}");
        Assert.Equal(["accuracy", "k=5,b=1", "k=5,b=2", "k=7,b=2", "k=9,b=1", "k=9,b=3"], result.Test!.Figures.Select(figure => figure.Metric.Name));
        Assert.Equal(result.Test.Figures[0].Value, result.Test.Figures.Skip(1).Average(figure => figure.Value), 1e-12);
    }

    [Fact]
    public void Rgcn_is_the_control_on_the_same_questions()
    {
        Recipe recipe = RecipeFor("rgcn") with { Set = ImmutableSortedDictionary<string, string>.Empty.Add("layers", "2").Add("hidden", "8"), Epochs = 2 };
        ImmutableArray<EpochReport> history = RelationQueries.Create(recipe, Questions).Train(seed: 1).Record.History;
        Assert.True(history[^1].Loss < history[0].Loss);
    }

    [Fact]
    public void Run_that_is_interrupted_ends_with_the_same_bits()
    {
        using var whole = new TemporaryFolder();
        using var broken = new TemporaryFolder();
        EpiGnn.Value.Train(5, new() { Folder = whole.Path });
        using (var source = new CancellationTokenSource())
        {
            Assert.Throws<OperationCanceledException>(() =>
                EpiGnn.Value.Train(5, new() { Folder = broken.Path }, new Stop(source), source.Token));
        }

        EpiGnn.Value.Train(5, new() { Folder = broken.Path, Resume = true });
        Assert.Equal(LearnableGraph.BitsOf(whole[Trainer.Last]), LearnableGraph.BitsOf(broken[Trainer.Last]));
        Assert.Equal(LearnableGraph.BitsOf(whole[Trainer.Best]), LearnableGraph.BitsOf(broken[Trainer.Best]));
    }

    [Fact]
    public void Checkpoint_answers_a_file_of_questions_without_its_dataset()
    {
        using var folder = new TemporaryFolder();
        EpiGnn.Value.Train(2, new() { Folder = folder.Path });
        string file = folder["questions.csv"];
        File.WriteAllText(file, Star);
        using Checkpoint checkpoint = Checkpoint.Open(folder[Trainer.Best]);
        var recipe = Recipe.Of(checkpoint.Record);
        ITask task = recipe.Task.Open(recipe, new("nowhere", null, () => throw new InvalidOperationException(), [file]));
        using ITrainedModel model = task.Load(checkpoint);
        SplitFigures figures = Assert.Single(model.Evaluate());
        Assert.Equal(("questions.csv", 2), (figures.Split, figures.Count));

        // One edge is its own answer.
        Assert.Equal(1, figures.Figures[0].Value);
        Assert.Equal("2 questions", model.Predict(new(folder["answers.csv"], file)));
        Assert.StartsWith("question,answer,score", File.ReadAllText(folder["answers.csv"]), StringComparison.Ordinal);

        File.WriteAllText(file, Star.Replace("'PO'", "'son'", StringComparison.Ordinal));
        Assert.Equal("PG0308", Assert.Throws<PigeonException>(() => recipe.Task.Open(recipe, new("nowhere", null, null!, [file]))).Diagnostic.Id);
    }

    [Fact]
    public void Checkpoint_of_other_questions_is_refused()
    {
        using var folder = new TemporaryFolder();
        EpiGnn.Value.Train(2, new() { Folder = folder.Path });
        using Checkpoint checkpoint = Checkpoint.Open(folder[Trainer.Last]);
        QueryDataset others = Rcc8Generator.Create(seed: 2, perAnswer: 2, perTestAnswer: 1);
        Assert.Equal("PG0253", Assert.Throws<PigeonException>(() => RelationQueries.Create(RecipeFor("epignn"), others).Load(checkpoint)).Diagnostic.Id);
    }

    [Theory]
    [InlineData("hgt", "facets", "4", "PG0401")]
    [InlineData("epignn", "heads", "4", "PG0402")]
    [InlineData("epignn", "pooling", "max", "PG0403")]
    [InlineData("epignn", "facet_width", "1", "PG0404")]
    public void Models_and_options_that_cannot_be_are_refused(string model, string option, string value, string id)
    {
        Recipe recipe = RecipeFor("epignn") with { Model = model, Set = ImmutableSortedDictionary<string, string>.Empty.Add(option, value) };
        Assert.Equal(id, Assert.Throws<PigeonException>(() => RelationQueries.Create(recipe, Questions)).Diagnostic.Id);
    }

    private static Recipe RecipeFor(string model) => Recipe.Find(model + "-star-rcc8") with
    {
        Set = ImmutableSortedDictionary<string, string>.Empty.Add("facets", "2").Add("facet_width", "8").Add("rounds", "3"),
        Epochs = 12,
        Task = new RelationQuerySettings { Batch = 32 },
    };

    private sealed class Stop(CancellationTokenSource source) : IProgress<EpochReport>
    {
        public void Report(EpochReport value)
        {
            if (value.Epoch == 4)
            {
                source.Cancel();
            }
        }
    }
}
