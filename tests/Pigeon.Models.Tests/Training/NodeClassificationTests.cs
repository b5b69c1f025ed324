using Pigeon.Datasets;
using Pigeon.Kernels;
using Pigeon.Runtime;
using Pigeon.Tests;
using Xunit;

namespace Pigeon.Models.Tests;

public sealed class NodeClassificationTests
{
    private static readonly Lazy<NodeClassification> Rgcn = new(() => new(LearnableGraph.Create(), LearnableGraph.RecipeFor()));

    [Theory]
    [InlineData("rgcn")]
    [InlineData("rgat")]
    [InlineData("hgt")]
    public void Every_model_learns_what_can_be_learned(string model)
    {
        var task = new NodeClassification(LearnableGraph.Create(), LearnableGraph.RecipeFor(model, epochs: 80));
        TrainingResult result = task.Train(seed: 1);
        Assert.True(result.Record.History[^1].Loss < 0.2 * result.Record.History[0].Loss, $"{result.Record.History[^1]}");
        Assert.All(result.Test!.Figures, figure => Assert.True(figure.Value >= 0.9, $"{figure}"));
        Assert.Equal(["accuracy", "macro-F1"], result.Test.Figures.Select(figure => figure.Metric.Name));
    }

    [DataFact("rdf/aifb")]
    public void Rgcn_learns_AIFB()
    {
        var recipe = Recipe.Find("rgcn-aifb");
        var task = new NodeClassification(DatasetRegistry.Open(recipe.Dataset, DataFactAttribute.Folder), recipe);
        Assert.True(task.Train(seed: 0).Test!.Figures[0].Value >= 0.88);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void One_seed_gives_the_same_bits_twice(int threads)
    {
        using var first = new TemporaryFolder();
        using var second = new TemporaryFolder();
        Rgcn.Value.Train(3, new() { Folder = first.Path, Threads = threads });
        Rgcn.Value.Train(3, new() { Folder = second.Path, Threads = threads });
        Assert.Equal(LearnableGraph.BitsOf(first[Trainer.Last]), LearnableGraph.BitsOf(second[Trainer.Last]));
    }

    [Fact]
    public void Seeds_differ()
    {
        using var first = new TemporaryFolder();
        using var second = new TemporaryFolder();
        Rgcn.Value.Train(3, new() { Folder = first.Path });
        Rgcn.Value.Train(4, new() { Folder = second.Path });
        Assert.NotEqual(LearnableGraph.BitsOf(first[Trainer.Last]), LearnableGraph.BitsOf(second[Trainer.Last]));
    }

    [Fact]
    public void A_run_that_is_interrupted_anywhere_ends_with_the_same_bits()
    {
        Recipe recipe = LearnableGraph.RecipeFor() with { Validation = 0.2 };
        var task = new NodeClassification(LearnableGraph.Create(), recipe);
        using var whole = new TemporaryFolder();
        TrainingResult expected = task.Train(5, new() { Folder = whole.Path });
        var random = new Random(7);
        for (int moment = 0; moment < 5; moment++)
        {
            using var broken = new TemporaryFolder();
            int at = random.Next(1, recipe.Epochs);
            Cancel(task, 5, broken.Path, at);
            using (Checkpoint last = Checkpoint.Open(broken[Trainer.Last]))
            {
                Assert.Equal(at, last.Record.Epoch);
            }

            TrainingResult resumed = task.Train(5, new() { Folder = broken.Path, Resume = true });
            Assert.Equal(LearnableGraph.BitsOf(whole[Trainer.Last]), LearnableGraph.BitsOf(broken[Trainer.Last]));
            Assert.Equal(LearnableGraph.BitsOf(whole[Trainer.Best]), LearnableGraph.BitsOf(broken[Trainer.Best]));
            Assert.Equal(expected.Test!.Figures.AsEnumerable(), resumed.Test!.Figures.AsEnumerable());
            Assert.Equal(expected.Valid, resumed.Valid);
            Assert.Equal(expected.Record.History.Select(e => (e.Epoch, e.Loss, e.Validation)),
                resumed.Record.History.Select(e => (e.Epoch, e.Loss, e.Validation)));
        }
    }

    [Fact]
    public void The_best_epoch_is_what_is_judged()
    {
        using var folder = new TemporaryFolder();
        Recipe recipe = LearnableGraph.RecipeFor(epochs: 60) with { Validation = 0.3, Patience = 5 };
        var task = new NodeClassification(LearnableGraph.Create(), recipe);
        TrainingResult result = task.Train(1, new() { Folder = folder.Path });
        Assert.Equal(result.Record.BestEpoch + 5, result.Record.Epoch);
        using Checkpoint best = Checkpoint.Open(folder[Trainer.Best]);
        Assert.Equal(result.Record.BestEpoch, best.Record.Epoch);
        using NodeClassifier classifier = task.Load(best);
        Assert.Equal(result.Test!.Figures[0].Value, classifier.Accuracy(task.Labels.Test));
    }

    [Fact]
    public void Balanced_classes_change_the_loss()
    {
        Recipe recipe = LearnableGraph.RecipeFor(epochs: 1);
        double plain = Loss(recipe);
        double balanced = Loss(recipe with { Task = new NodeClassificationSettings { Embedding = 8, BalanceClasses = true } });
        Assert.NotEqual(plain, balanced);
        Assert.InRange(balanced, 0.5 * plain, 2 * plain);

        static double Loss(Recipe by) => new NodeClassification(LearnableGraph.Create(), by).Train(1).Record.History[0].Loss;
    }

    [Fact]
    public void Dropout_trains_to_the_same_bits_when_interrupted_and_only_then_differs()
    {
        Recipe recipe = LearnableGraph.RecipeFor("rgat", epochs: 6);
        var settings = (NodeClassificationSettings)recipe.Task with { Head = 8 };
        var task = new NodeClassification(LearnableGraph.Create(), recipe with { Task = settings with { Dropout = 0.5 } });
        var without = new NodeClassification(LearnableGraph.Create(), recipe with { Task = settings });
        using var whole = new TemporaryFolder();
        using var broken = new TemporaryFolder();
        TrainingResult trained = task.Train(1, new() { Folder = whole.Path });
        Assert.NotEqual(without.Train(1).Record.History[^1].Loss, trained.Record.History[^1].Loss);
        Cancel(task, 1, broken.Path, at: 3);
        task.Train(1, new() { Folder = broken.Path, Resume = true });
        Assert.Equal(LearnableGraph.BitsOf(whole[Trainer.Last]), LearnableGraph.BitsOf(broken[Trainer.Last]));

        // Judged without: the same scores every time.
        using Checkpoint last = Checkpoint.Open(whole[Trainer.Last]);
        using NodeClassifier classifier = task.Load(last);
        Assert.Equal(trained.Test!.Figures[0].Value, classifier.Accuracy(task.Labels.Test));
    }

    [Fact]
    public void Dropout_of_a_model_without_rows_to_drop_is_refused() => Assert.Equal("PG0452", Refusal(() => new NodeClassification(
        LearnableGraph.Create(), LearnableGraph.RecipeFor() with { Task = new NodeClassificationSettings { Dropout = 0.5 } })).Id);

    [Fact]
    public void A_loss_that_is_not_finite_ends_training_and_keeps_the_checkpoint()
    {
        using var folder = new TemporaryFolder();
        Recipe recipe = LearnableGraph.RecipeFor() with { LearningRate = new LearningRate.WarmUp(4, new LearningRate.Constant(1e38)) };
        var task = new NodeClassification(LearnableGraph.Create(), recipe);
        Diagnostic refusal = Refusal(() => task.Train(1, new() { Folder = folder.Path, CheckpointEvery = TimeSpan.Zero }));
        Assert.Equal("PG0250", refusal.Id);
        Assert.Matches("in epoch [0-9]+$", refusal.Message);
        using Checkpoint last = Checkpoint.Open(folder[Trainer.Last]);
        Assert.Contains($"in epoch {last.Record.Epoch + 1}", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_dataset_without_labels_is_refused() => Assert.Equal("PG0454",
        Refusal(() => new NodeClassification(LearnableGraph.Create() with { Labels = null }, LearnableGraph.RecipeFor())).Id);

    [Fact]
    public void A_label_of_a_node_that_is_not_there_is_refused() =>
        Assert.Equal("PG0455", Refusal(() => new NodeClassification(WithTrain([100_000], [0]), LearnableGraph.RecipeFor())).Id);

    [Fact]
    public void A_class_out_of_range_is_refused() => Assert.Equal("PG0307", Refusal(() => WithTrain([5], [4])).Id);

    [Fact]
    public void An_empty_train_split_is_refused_and_nothing_written()
    {
        using var folder = new TemporaryFolder();
        var task = new NodeClassification(WithTrain([], []), LearnableGraph.RecipeFor());
        Assert.Equal("PG0453", Refusal(() => task.Train(1, new() { Folder = folder.Path })).Id);
        Assert.Empty(folder.Snapshot());
    }

    public static TheoryData<string> Others => ["PG0252", "PG0253", "PG0254 seed", "PG0254 settings", "PG0254 threads", "PG0257"];

    [Theory]
    [MemberData(nameof(Others))]
    public void A_checkpoint_of_another_run_is_refused_and_kept(string other)
    {
        using var folder = new TemporaryFolder();
        Recipe recipe = LearnableGraph.RecipeFor();
        Cancel(Rgcn.Value, 1, folder.Path, at: 2);
        string[] before = folder.Snapshot();
        (NodeClassification task, ulong seed, bool resume) = other switch
        {
            "PG0252" => (Task(recipe with { Set = recipe.Set.SetItem("hidden", "4") }), 1UL, true),
            "PG0253" => (new NodeClassification(LearnableGraph.Create(seed: 2), recipe), 1UL, true),
            "PG0254 seed" => (Rgcn.Value, 2UL, true),
            "PG0254 threads" => (Rgcn.Value, 1UL, true),
            "PG0254 settings" => (Task(recipe with { LearningRate = new LearningRate.Constant(0.02) }), 1UL, true),
            _ => (Rgcn.Value, 1UL, false),
        };
        int threads = other == "PG0254 threads" ? 2 : 1;
        Diagnostic refusal = Refusal(() => task.Train(seed, new() { Folder = folder.Path, Resume = resume, Threads = threads }));
        Assert.Equal(other[..6], refusal.Id);
        Assert.Equal(before, folder.Snapshot());

        static NodeClassification Task(Recipe by) => new(LearnableGraph.Create(), by);
    }

    private static GraphDataset WithTrain(int[] nodes, int[] classes)
    {
        GraphDataset dataset = LearnableGraph.Create();
        return dataset with
        {
            Labels = new(dataset.Labels!.ClassNames, LabelledNodes.Create(nodes, classes), LabelledNodes.None, dataset.Labels.Test),
        };
    }

    private static void Cancel(NodeClassification task, ulong seed, string folder, int at)
    {
        using var source = new CancellationTokenSource();
        Assert.ThrowsAny<OperationCanceledException>(() =>
            task.Train(seed, new() { Folder = folder }, new CancelAt(at, source), source.Token));
    }

    private static Diagnostic Refusal(Action action) => Assert.Throws<PigeonException>(action).Diagnostic;

    private sealed class CancelAt(int epoch, CancellationTokenSource source) : IProgress<EpochReport>
    {
        public void Report(EpochReport value)
        {
            if (value.Epoch == epoch)
            {
                source.Cancel();
            }
        }
    }
}
