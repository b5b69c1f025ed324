using System.Collections.Immutable;
using Pigeon.Compiler;
using Pigeon.Datasets;
using Pigeon.Kernels;
using Pigeon.Runtime;

namespace Pigeon.Models;

/// <summary>
/// Questions about small graphs, answered by one recipe. A step learns from a batch of graphs as one disjoint union, so the graph that its
/// program is bound to changes with every step. What a batch holds and which wrong relations it draws follow from the seed and the step's
/// number.
/// </summary>
public sealed class RelationQueries : ITask
{
    private readonly Recipe recipe;
    private readonly RelationQuerySettings settings;
    private readonly QueryModel model;
    private readonly ImmutableArray<string> relations;
    private readonly QueryDataset? dataset;
    private readonly ImmutableArray<QueryCell> cells;
    private readonly TaskProgram scores;
    private readonly TaskProgram step;

    private RelationQueries(Recipe recipe, ImmutableArray<string> relations, QueryDataset? dataset, ImmutableArray<QueryCell> cells,
        CompileOptions? compile)
    {
        // The relations' names go into checkpoints: their order is the weights'.
        settings = (RelationQuerySettings)recipe.Task with { Relations = relations };
        this.recipe = recipe with { Task = settings };
        this.relations = relations;
        this.dataset = dataset;
        this.cells = cells;
        model = QueryModel.Create(recipe, relations.Length);
        CompileOptions options = (compile ?? new()) with { Storage = recipe.Element };
        scores = new(model.Scores, options);
        step = new(model.Step.Program, options);
    }

    /// <inheritdoc/>
    public Metric Metric => QueryAnswerer.AccuracyMetric;

    /// <summary>Opens the dataset and builds the programs. With a file of test rows, a checkpoint needs no dataset.</summary>
    /// <param name="recipe">The recipe.</param>
    /// <param name="data">Where the dataset is.</param>
    /// <param name="compile">How to compile; the defaults are right for the machine it runs on.</param>
    /// <exception cref="PigeonException">
    /// PG0317, PG0318: there is no such dataset here. PG03xx: its files can't be used. PG0401 … PG0404: the model or its options can't be.
    /// </exception>
    public static RelationQueries Open(Recipe recipe, TaskData data, CompileOptions? compile = null)
    {
        var settings = (RelationQuerySettings)recipe.Task;
        if (data.TestFiles is { } files && settings.Relations is { } known)
        {
            return new(recipe, known, null, [.. files.Select(file => Star.CellOf(file, QueryCsv.Read(file, known)))
                .OrderBy(cell => cell.Length).ThenBy(cell => cell.Paths)], compile);
        }

        return Create(recipe, QueryDatasets.Open(data.Name, data.Folder), compile);
    }

    /// <summary>Builds the programs for a dataset.</summary>
    /// <param name="recipe">The recipe; the dataset that it names is not looked at.</param>
    /// <param name="dataset">The questions.</param>
    /// <param name="compile">How to compile; the defaults are right for the machine it runs on.</param>
    /// <exception cref="PigeonException">PG0401 … PG0404: the model or its options can't be.</exception>
    public static RelationQueries Create(Recipe recipe, QueryDataset dataset, CompileOptions? compile = null) =>
        new(recipe, dataset.Train.Relations, dataset, dataset.Tests, compile);

    /// <inheritdoc/>
    public TrainingResult Train(ulong seed, TrainingOptions? options = null, IProgress<EpochReport>? progress = null,
        CancellationToken cancellation = default)
    {
        options ??= new();
        QuerySet questions = dataset!.Train;
        var batches = new QueryBatches(new(questions), settings.Batch, recipe.Validation, seed);
        using IExecutable executable = step.Bind(batches.Step(1), options.Threads, options.Device);
        foreach ((string output, string argument) in model.Step.Links)
        {
            executable.Link(output, argument);
        }

        using Tensor choice = QueryAnswerer.Choice(executable, relations.Length);
        InitialWeights.Set(executable, model.Bounds, seed);
        using QueryAnswerer answerer = Answerer(options.Threads, options.Device);
        TrainingIdentity identity = IdentityOf(seed, QueryHash.Of(questions), options.Threads) with { Device = options.DeviceName };
        using var trainer = new Trainer(executable, [.. model.Step.Links.Select(link => link.Argument)], identity, new()
        {
            Epochs = recipe.Epochs,
            StepsPerEpoch = batches.Steps,
            LearningRate = recipe.LearningRate,
            StepNumbers = (rate, number) => TrainingStep.StepNumbers(recipe.Optimiser, rate, number),
            BeforeStep = number => executable.Bind(batches.Step(number)),
            Validate = batches.Valid.Length == 0 ? null : () => answerer.Using(executable).Accuracy(batches.Questions, batches.Valid, cancellation),
            Stopping = new(MetricMode.HigherIsBetter, recipe.Patience ?? int.MaxValue),
            Folder = options.Folder,
            CheckpointEvery = options.CheckpointEvery,
        });
        options.Carry(trainer, progress, cancellation);
        return new(trainer.Record, cells.Length == 0 ? null : answerer.Using(executable).Evaluate(cancellation)[^1]);
    }

    /// <inheritdoc/>
    public ITrainedModel Load(Checkpoint checkpoint, int threads = 1)
    {
        TrainingIdentity found = checkpoint.Record.Identity;
        IdentityOf(found.Seed, dataset is null ? found.DatasetHash : QueryHash.Of(dataset.Train), threads).RequireWeights(found, checkpoint.Path);
        return Answerer(threads).Ready(answerer => answerer.Using(checkpoint));
    }

    private QueryAnswerer Answerer(int threads, IGpuDevice? device = null) =>
        new(scores.Bind(QueryAnswerer.Nothing(relations), threads, device), relations, cells);

    private TrainingIdentity IdentityOf(ulong seed, string hash, int threads) =>
        new(model.Hash, recipe.Model, recipe.Settings, seed, dataset?.Name ?? recipe.Dataset, hash, threads);
}
