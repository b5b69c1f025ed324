using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Pigeon.Compiler;
using Pigeon.Datasets;
using Pigeon.Kernels;
using Pigeon.Runtime;

namespace Pigeon.Models;

/// <summary>
/// Forecasts of one variable from its own past by one recipe, whose learning rate counts epochs: mean squared error on windows in random
/// order, of which those that don't fill a batch are left out, in training and in all figures, as the published code does.
/// </summary>
public sealed class Forecasting : ITask
{
    private readonly Recipe recipe;
    private readonly TimeSeries series;
    private readonly TpgnOptions options;
    private readonly int batch;
    private readonly SeriesWindows windows;
    private readonly GraphBinding graph;
    private readonly TrainingStep step;
    private readonly TaskProgram forecast;
    private readonly TaskProgram compiledStep;
    private readonly TrainingIdentity identity;

    /// <summary>Builds the programs.</summary>
    /// <param name="series">The variable.</param>
    /// <param name="recipe">The recipe; the dataset that it names is not looked at.</param>
    /// <param name="compile">How to compile; the defaults are right for the machine it runs on.</param>
    /// <exception cref="PigeonException">
    /// PG0327: the series is too short. PG0401 … PG0404: the model or its options can't be. PG0453: too few windows to fill a batch.
    /// </exception>
    public Forecasting(TimeSeries series, Recipe recipe, CompileOptions? compile = null)
    {
        if (recipe.Model != "tpgn")
        {
            throw new PigeonException("PG0401", $"there is no model '{recipe.Model}' that forecasts", remedy: "models: tpgn");
        }

        this.series = series;
        this.recipe = recipe;
        options = TpgnOptions.Parse(recipe.Set);
        options.Check();
        batch = ((ForecastSettings)recipe.Task).Batch;
        windows = new(series, options);
        if (new[] { windows.Train, windows.Valid, windows.Test }.Min(part => part.End.Value - part.Start.Value) is var fewest && fewest < batch)
        {
            throw new PigeonException("PG0453", $"a part of it has {fewest} windows, fewer than the {batch} of a batch", series.Name,
                "use a longer series, or smaller batches");
        }

        graph = WindowSchema.Bind(batch, options.Rows, options.Period);
        step = TrainingStep.Create(Tpgn.BuildLoss(options), "loss", recipe.Optimiser);
        CompileOptions planned = (compile ?? new()) with { Graph = graph, Storage = recipe.Element };
        forecast = new(Tpgn.Build(options), planned);
        compiledStep = new(step.Program, planned);
        identity = new(Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(step.Program.ToString()))), recipe.Model, recipe.Settings, 0,
            recipe.Dataset, Hash(series), Threads: 1);
    }

    /// <inheritdoc/>
    public Metric Metric => Forecaster.SquaredError;

    /// <inheritdoc/>
    public TrainingResult Train(ulong seed, TrainingOptions? options = null, IProgress<EpochReport>? progress = null,
        CancellationToken cancellation = default)
    {
        options ??= new();
        using IExecutable executable = compiledStep.Bind(graph, options.Threads, options.Device);
        foreach ((string output, string argument) in step.Links)
        {
            executable.Link(output, argument);
        }

        using var tensors = new WindowTensors(executable);
        InitialWeights.Set(executable, executable.Arguments.Select(argument => argument.Name)
            .Where(name => !step.State.Contains(name) && step.Links.Any(link => link.Argument == name))
            .ToDictionary(name => name, name => Tpgn.InitialBound(name, this.options)), seed);
        var order = new WindowOrder(windows.Train, batch, seed);
        using Forecaster forecaster = Bind(options.Threads, options.Device);
        TrainingIdentity run = identity with { Seed = seed, Threads = options.Threads, Device = options.DeviceName };
        using var trainer = new Trainer(executable, [.. step.Links.Select(link => link.Argument)], run, new()
        {
            Epochs = recipe.Epochs,
            StepsPerEpoch = order.Steps,
            LearningRate = recipe.LearningRate,
            RateByEpoch = true,
            StepNumbers = (rate, number) => TrainingStep.StepNumbers(recipe.Optimiser, rate, number),
            BeforeStep = number => tensors.Fill(windows, order.Step(number)),
            Validate = () => forecaster.Using(executable).Errors(windows.Valid, cancellation).Squared,
            Stopping = new(MetricMode.LowerIsBetter, recipe.Patience ?? int.MaxValue),
            Folder = options.Folder,
            CheckpointEvery = options.CheckpointEvery,
        });
        options.Carry(trainer, progress, cancellation);
        return new(trainer.Record, forecaster.Using(executable).Test(cancellation)) { Baselines = forecaster.Baselines(cancellation) };
    }

    /// <inheritdoc/>
    public ITrainedModel Load(Checkpoint checkpoint, int threads = 1)
    {
        identity.RequireWeights(checkpoint.Record.Identity, checkpoint.Path);
        return Bind(threads).Ready(forecaster => forecaster.Using(checkpoint));
    }

    private static string Hash(TimeSeries series)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(MemoryMarshal.AsBytes(series.Values.AsSpan()));
        foreach (DateTime time in series.Times)
        {
            hash.AppendData(BitConverter.GetBytes(time.Ticks));
        }

        return Convert.ToHexString(hash.GetHashAndReset());
    }

    private Forecaster Bind(int threads, IGpuDevice? device = null) =>
        new(forecast.Bind(graph, threads, device), windows, options, batch);
}
