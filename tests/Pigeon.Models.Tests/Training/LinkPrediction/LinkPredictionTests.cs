using Pigeon.Compiler;
using Pigeon.Datasets;
using Pigeon.Kernels;
using Pigeon.Runtime;
using Pigeon.Tests;
using Xunit;

namespace Pigeon.Models.Tests;

public sealed class LinkPredictionTests
{
    private static readonly Lazy<LinkPrediction> Small = new(() => new(LearnableFacts.Create(), LearnableFacts.RecipeFor()));

    [Fact]
    public void Facts_that_follow_from_others_are_learned()
    {
        var task = new LinkPrediction(LearnableFacts.Create(), LearnableFacts.RecipeFor(epochs: 80, dropout: "0"));
        TrainingResult result = task.Train(seed: 1, new() { Threads = 2 });
        Assert.True(result.Record.History[^1].Loss < 0.6 * result.Record.History[0].Loss, $"{result.Record.History[^1]}");
        Assert.Equal(["filtered MRR", "Hits@1", "Hits@3", "Hits@10"], result.Test!.Figures.Select(figure => figure.Metric.Name));
        using var folder = new TemporaryFolder();
        RankingReport report = Ranked(task, result, folder);
        Assert.True(report.Filtered.Tails.Mrr >= 0.8, $"{report.Filtered.Tails}");
    }

    [DataFact("kg/umls")]
    public void Rgcn_learns_UMLS()
    {
        Recipe recipe = Recipe.Find("rgcn-umls") with { Epochs = 40 };
        var task = new LinkPrediction(DatasetRegistry.Open("umls", DataFactAttribute.Folder), recipe);
        Assert.True(task.Train(seed: 0).Test!.Figures[0].Value >= 0.5);
    }

    [Fact]
    public void The_loss_equals_plain_loops()
    {
        // One step: its loss is taken before the weights change, by an encoder whose rows the evaluator computes.
        Recipe recipe = LearnableFacts.RecipeFor(epochs: 1, dropout: "0") with
        {
            Task = new LinkPredictionSettings { Width = 4, Batch = 32, Negatives = 20 },
        };
        GraphDataset dataset = LearnableFacts.Create();
        TripleSplit split = dataset.Splits!;
        var settings = (LinkPredictionSettings)recipe.Task;
        LinkPredictionProgram programs = LinkPredictionProgram.Create(recipe, settings, settings.Negatives);
        var batches = new QuestionBatches(split, settings.Batch, settings.Negatives, seed: 4);
        using var inputs = new StepInputs(batches, dataset.Graph.Binding, seed: null);
        inputs.MoveTo(1);
        Program program = programs.Step.Program;
        var arguments = Differential.Arguments(program, inputs.Graph, seed: 5);
        using var executable = new Executable(ProgramCompiler.Compile(program, new() { Cache = null, Graph = inputs.Graph }).Load(), inputs.Graph, 2);
        foreach ((string name, Tensor tensor) in arguments)
        {
            executable.Set(name, tensor);
        }

        inputs.Give(executable);
        executable.Run();

        var weights = Differential.Doubles(arguments);
        double[] rows = Evaluator<double>.Run(programs.Encoder, dataset.Graph.Binding, weights)["y"];
        double expected = Enumerable.Range(0, batches.Known.Length).Average(i =>
        {
            double right = Score(i, batches.Answers[i]);
            double wrong = batches.Negatives.Where(n => n != batches.Answers[i]).Sum(n => Math.Exp(Score(i, n)));
            return Math.Log(Math.Exp(right) + wrong) - right;
        });
        Assert.Contains(batches.Answers, answer => batches.Negatives.Contains(answer));
        Assert.Equal(expected, executable.Output("loss").Span[0], 1e-5);

        double Score(int question, int entity) => Enumerable.Range(0, 4).Sum(k => rows[(batches.Known[question] * 4) + k] *
            weights["relation"][(batches.Asked[question] * 4) + k] * rows[(entity * 4) + k]);
    }

    [Fact]
    public void The_gradients_of_kernels_equal_the_evaluators()
    {
        Recipe recipe = LearnableFacts.RecipeFor();
        GraphDataset dataset = LearnableFacts.Create();
        var settings = (LinkPredictionSettings)recipe.Task;
        Program program = LinkPredictionProgram.Create(recipe, settings, settings.Negatives).Step.Program;
        using var inputs = new StepInputs(new(dataset.Splits!, settings.Batch, settings.Negatives, seed: 4), dataset.Graph.Binding, seed: 4);
        inputs.MoveTo(3);
        var arguments = Differential.Arguments(program, inputs.Graph, seed: 5);
        arguments["step"] = Tensor.From([0.01f, 10, 1000], 1, 3);
        foreach (string state in arguments.Keys.Where(name => name.StartsWith("square.", StringComparison.Ordinal)))
        {
            arguments[state].Span.Fill(0.01f);
        }

        var expected = Differential.Reference(program, inputs.Graph, arguments);
        var actual = Differential.Compiled(ProgramCompiler.Compile(program, new() { Cache = null, Graph = inputs.Graph }), inputs.Graph, arguments, 2);
        Assert.All(actual, output => Assert.InRange(Differential.Error(output.Value, expected[output.Key]), 0, 1e-4));
    }

    [Fact]
    public void One_seed_gives_the_same_bits_twice_and_another_seed_others()
    {
        string[] bits = [.. new ulong[] { 3, 3, 4 }.Select(seed =>
        {
            using var folder = new TemporaryFolder();
            Small.Value.Train(seed, new() { Folder = folder.Path, Threads = 2 });
            return string.Concat(LearnableGraph.BitsOf(folder[Trainer.Last]));
        })];
        Assert.Equal(bits[0], bits[1]);
        Assert.NotEqual(bits[0], bits[2]);
    }

    [Fact]
    public void A_run_that_is_interrupted_ends_with_the_same_bits()
    {
        using var whole = new TemporaryFolder();
        TrainingResult expected = Small.Value.Train(5, new() { Folder = whole.Path });
        foreach (int at in (int[])[1, 5])
        {
            using var broken = new TemporaryFolder();
            using var source = new CancellationTokenSource();
            Assert.ThrowsAny<OperationCanceledException>(() =>
                Small.Value.Train(5, new() { Folder = broken.Path }, new CancelAt(at, source), source.Token));
            TrainingResult resumed = Small.Value.Train(5, new() { Folder = broken.Path, Resume = true });
            Assert.Equal(LearnableGraph.BitsOf(whole[Trainer.Last]), LearnableGraph.BitsOf(broken[Trainer.Last]));
            Assert.Equal(expected.Test!.Figures.AsEnumerable(), resumed.Test!.Figures.AsEnumerable());
        }
    }

    [Fact]
    public void A_loss_that_is_not_finite_ends_training()
    {
        Recipe recipe = LearnableFacts.RecipeFor() with { LearningRate = new LearningRate.Constant(1e38) };
        Assert.Equal("PG0250", Refusal(() => new LinkPrediction(LearnableFacts.Create(), recipe).Train(1)).Id);
    }

    [Fact]
    public void What_is_no_dataset_for_it_is_refused()
    {
        Recipe recipe = LearnableFacts.RecipeFor();
        GraphDataset dataset = LearnableFacts.Create();
        Assert.Equal("PG0458", Refusal(() => new LinkPrediction(dataset with { Splits = null }, recipe)).Id);
        Assert.Equal("PG0458", Refusal(() => new LinkPrediction(dataset with { Splits = dataset.Splits! with { RelationCount = 3 } }, recipe)).Id);
        Assert.Equal("PG0231", Refusal(() => new LinkPrediction(LearnableFacts.WithTrain([1], [0], [9999]), recipe)).Id);
        Assert.Equal("PG0231", Refusal(() => new LinkPrediction(LearnableFacts.WithTrain([1], [2], [0]), recipe)).Id);
        Assert.Equal("PG0453", Refusal(() => new LinkPrediction(LearnableFacts.WithTrain([], [], []), recipe).Train(1)).Id);
        Assert.Equal("PG0452", Refusal(() => new LinkPrediction(dataset, recipe with { Set = recipe.Set.Add("aggr", "norm") })).Id);
    }

    [Fact]
    public void A_checkpoint_of_another_task_program_or_dataset_is_refused()
    {
        using var folder = new TemporaryFolder();
        Recipe recipe = LearnableFacts.RecipeFor(epochs: 1);
        new LinkPrediction(LearnableFacts.Create(), recipe).Train(1, new() { Folder = folder.Path });
        using Checkpoint checkpoint = Checkpoint.Open(folder[Trainer.Last]);
        Assert.Equal("PG0253", Refusal(() => new LinkPrediction(LearnableFacts.Create(seed: 2), recipe).Load(checkpoint)).Id);
        Assert.Equal("PG0252", Refusal(() => new LinkPrediction(LearnableFacts.Create(), LearnableFacts.RecipeFor(width: 4)).Load(checkpoint)).Id);
        Assert.Equal("PG0252", Refusal(() => new NodeClassification(LearnableGraph.Create(), LearnableGraph.RecipeFor()).Load(checkpoint)).Id);
    }

    [Fact]
    public void Queries_are_answered_best_first()
    {
        using var folder = new TemporaryFolder();
        var task = new LinkPrediction(LearnableFacts.Create(), LearnableFacts.RecipeFor(epochs: 2));
        task.Train(1, new() { Folder = folder.Path });
        using Checkpoint checkpoint = Checkpoint.Open(folder[Trainer.Last]);
        using LinkPredictor predictor = task.Load(checkpoint);
        File.WriteAllText(folder["q.csv"], "head,relation,tail\ne6,lives in,?\n?,speaks,\"e3\"\n");
        predictor.Predict(new(folder["a.csv"], folder["q.csv"], Top: 3));
        string[][] rows = [.. File.ReadAllLines(folder["a.csv"]).Select(line => line.Split(','))];
        Assert.Equal(["head", "relation", "tail", "rank", "score", "known"], rows[0]);
        Assert.Equal(["1", "2", "3", "1", "2", "3"], rows[1..].Select(row => row[3]));
        Assert.All(rows[1..4], row => Assert.Equal(("e6", "lives in"), (row[0], row[1])));
        Assert.All(rows[4..], row => Assert.Equal(("speaks", "e3"), (row[1], row[2])));
        double[] scores = [.. rows[1..4].Select(row => double.Parse(row[4], System.Globalization.CultureInfo.InvariantCulture))];
        Assert.Equal(scores.OrderDescending(), scores);

        Assert.Equal("PG0456", Refusal(() => predictor.Predict(new(folder["a.csv"]))).Id);
        foreach ((string text, string id) in new[]
        {
            ("head,relation,tail\n?,speaks,?\n", "PG0457"), ("head,relation,tail\ne6,speaks,e3\n", "PG0457"),
            ("head,relation,tail\ne6,sings,?\n", "PG0457"), ("head,relation,tail\nnobody,speaks,?\n", "PG0457"),
            ("head,tail\ne6,?\n", "PG0368"), ("head,relation,tail\ne6,?\n", "PG0368"), ("head,relation,tail\n\"e6,speaks,?\n", "PG0368"),
        })
        {
            File.WriteAllText(folder["q.csv"], text);
            Assert.Equal(id, Refusal(() => predictor.Predict(new(folder["b.csv"], folder["q.csv"]))).Id);
        }

        Assert.False(File.Exists(folder["b.csv"]));
        Assert.Equal("PG0368", Refusal(() => predictor.Predict(new(folder["b.csv"], folder["none.csv"]))).Id);
    }

    private static RankingReport Ranked(LinkPrediction task, TrainingResult result, TemporaryFolder folder)
    {
        task.Train(result.Seed, new() { Folder = folder.Path, Threads = 2 });
        using Checkpoint best = Checkpoint.Open(folder[Trainer.Best]);
        using LinkPredictor predictor = task.Load(best);
        TripleSplit split = LearnableFacts.Create().Splits!;
        RankingReport report = predictor.Rank(split.Test);
        Assert.Equal(result.Test!.Figures[0].Value, report.Filtered.Both.Mrr);
        return report;
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
