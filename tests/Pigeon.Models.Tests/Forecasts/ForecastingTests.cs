using System.Collections.Immutable;
using Pigeon.Datasets;
using Pigeon.Kernels;
using Pigeon.Runtime;
using Pigeon.Tests;
using Xunit;

namespace Pigeon.Models.Tests;

public class ForecastingTests
{
    private static readonly TimeSeries Series = Waves(24 * 60);
    private static readonly Lazy<Forecasting> Task = new(() => new(Series, RecipeFor()));

    [Fact]
    public void Forecast_of_a_wave_beats_repeating_it()
    {
        TrainingResult result = Task.Value.Train(seed: 1);
        double error = result.Test!.Figures[0].Value;
        Assert.Equal(["MSE", "MAE"], result.Test.Figures.Select(figure => figure.Metric.Name));
        Assert.True(error < 0.7 * result.Record.History[0].Validation, $"{result.Record.History[0].Validation} → {error}");
    }

    [Fact]
    public void Run_that_is_interrupted_ends_with_the_same_bits()
    {
        using var whole = new TemporaryFolder();
        using var broken = new TemporaryFolder();
        Task.Value.Train(3, new() { Folder = whole.Path });
        new Forecasting(Series, RecipeFor() with { Epochs = 2 }).Train(3, new() { Folder = broken.Path });
        Task.Value.Train(3, new() { Folder = broken.Path, Resume = true });
        Assert.Equal(LearnableGraph.BitsOf(whole[Trainer.Last]), LearnableGraph.BitsOf(broken[Trainer.Last]));
        Assert.Equal(LearnableGraph.BitsOf(whole[Trainer.Best]), LearnableGraph.BitsOf(broken[Trainer.Best]));
    }

    [Fact]
    public void Checkpoint_is_judged_beside_the_naive_forecasts_and_predicts()
    {
        using var folder = new TemporaryFolder();
        TrainingResult trained = Task.Value.Train(4, new() { Folder = folder.Path });
        using Checkpoint checkpoint = Checkpoint.Open(folder[Trainer.Best]);
        using ITrainedModel model = Task.Value.Load(checkpoint);
        ImmutableArray<SplitFigures> splits = model.Evaluate();
        Assert.Equal(["valid", "test, repeat last", "test, seasonal naive", "test"], splits.Select(split => split.Split));
        Assert.Equal(trained.Test!.Figures.AsEnumerable(), splits[^1].Figures.AsEnumerable());
        Assert.Equal("24 steps", model.Predict(new(folder["y.csv"])));
        Assert.Equal(25, File.ReadAllLines(folder["y.csv"]).Length);
        Assert.Equal("PG0456", Assert.Throws<PigeonException>(() => model.Predict(new(folder["y.txt"]))).Diagnostic.Id);
    }

    [Fact]
    public void Series_that_is_too_short_or_constant_is_refused()
    {
        Assert.Equal("PG0327", Id(() => new Forecasting(Waves(60), RecipeFor())));
        Assert.Equal("PG0327", Id(() => new Forecasting(Series with { Values = [.. Series.Values.Select(_ => 1.0)] }, RecipeFor())));
        Assert.Equal("PG0453", Id(() => new Forecasting(Series, RecipeFor() with { Task = new ForecastSettings { Batch = 1000 } })));
        Assert.Equal("PG0401", Id(() => new Forecasting(Series, RecipeFor() with { Model = "rgcn" })));

        static string Id(Action action) => Assert.Throws<PigeonException>(action).Diagnostic.Id;
    }

    [DataFact("timeseries/ETTh1.csv.gz")]
    public void Naive_forecasts_of_Etth1_have_their_known_errors()
    {
        using var folder = new TemporaryFolder();
        var task = new Forecasting(SeriesDatasets.Open("etth1", DataFactAttribute.Folder, "OT"), Recipe.Find("tpgn-etth1-168") with { Epochs = 1 });
        task.Train(0, new() { Folder = folder.Path });
        using Checkpoint checkpoint = Checkpoint.Open(folder[Trainer.Best]);
        using ITrainedModel model = task.Load(checkpoint);
        ImmutableArray<SplitFigures> splits = model.Evaluate();
        Assert.Equal(0.1635, splits[1].Figures[0].Value, 1e-4);
        Assert.Equal(0.1652, splits[2].Figures[0].Value, 1e-4);

        // 3,317 windows each, less those that don't fill a batch of 32.
        Assert.All(splits, split => Assert.Equal(3_296, split.Count));

        // One epoch is enough to beat both.
        Assert.InRange(splits[3].Figures[0].Value, 0.1, 0.125);
    }

    private static Recipe RecipeFor() => Recipe.Find("tpgn-etth1-168") with
    {
        Set = ImmutableSortedDictionary<string, string>.Empty.Add("length", "72").Add("horizon", "24"),
        Epochs = 4,
        LearningRate = new LearningRate.Constant(0.01),
    };

    /// <summary>A day, a week and noise.</summary>
    internal static TimeSeries Waves(int steps)
    {
        var random = new Random(1);
        return new("waves", [.. Enumerable.Range(0, steps).Select(i => new DateTime(2020, 1, 1).AddHours(i))],
            [.. Enumerable.Range(0, steps).Select(i => Math.Sin(i * Math.Tau / 24) + (0.5 * Math.Sin(i * Math.Tau / 168)) + (0.3 * random.NextDouble()))]);
    }
}
