using Pigeon.Compiler;
using Pigeon.Datasets;
using Pigeon.Kernels;
using Pigeon.Runtime;
using static Pigeon.Models.LinkPredictionProgram;

namespace Pigeon.Models;

/// <summary>
/// Link prediction on one dataset by one recipe: an encoder over the graph of the train facts and their reverses, DistMult scores, and
/// the cross-entropy of each right answer among sampled wrong ones. Compiled once, trained with as many seeds as asked for.
/// </summary>
public sealed class LinkPrediction : ITask
{
    private readonly Recipe recipe;
    private readonly LinkPredictionSettings settings;
    private readonly GraphDataset dataset;
    private readonly TripleSplit split;
    private readonly FactIndex known;
    private readonly LinkPredictionProgram programs;
    private readonly CompileOptions compile;
    private readonly TaskProgram encoder;
    private readonly string datasetHash;

    /// <summary>Builds the programs.</summary>
    /// <param name="dataset">The graph of the train facts with reverse edges, and the facts.</param>
    /// <param name="recipe">The recipe; the dataset that it names is not looked at.</param>
    /// <param name="compile">How to compile; the defaults are right for the machine it runs on.</param>
    /// <exception cref="PigeonException">
    /// PG0231: a fact is about what there is not. PG0401 … PG0404: the model or its options can't be. PG0452: the model needs an input.
    /// PG0458: the dataset has no facts to test on, or its graph is not that of the train facts.
    /// </exception>
    public LinkPrediction(GraphDataset dataset, Recipe recipe, CompileOptions? compile = null)
    {
        this.recipe = recipe;
        this.dataset = dataset;
        settings = (LinkPredictionSettings)recipe.Task;
        split = dataset.Splits ?? throw new PigeonException("PG0458", "it has no facts to train, validate and test on", dataset.Name,
            "use a knowledge graph in splits, such as fb15k-237");
        if (split.EntityCount != dataset.Graph.NodeCount || 2 * split.RelationCount != dataset.Graph.EdgeTypes.Length)
        {
            throw new PigeonException("PG0458", $"its graph has {dataset.Graph.NodeCount} nodes and {dataset.Graph.EdgeTypes.Length} edge types, " +
                $"but its facts are about {split.EntityCount} entities and {split.RelationCount} relations", dataset.Name,
                "use the graph of the train facts with reverse edges");
        }

        known = FactIndex.Create(split.EntityCount, split.RelationCount, split.Train, split.Valid, split.Test);
        programs = Create(recipe, settings, Math.Min(settings.Negatives, split.EntityCount));
        this.compile = (compile ?? new()) with { Storage = recipe.Element };
        encoder = new(programs.Encoder, this.compile with { Graph = dataset.Graph.Binding });
        datasetHash = GraphHash.Of(dataset.Graph, [.. new[] { split.Train, split.Valid, split.Test }
            .SelectMany(facts => new[] { facts.Heads.AsMemory(), facts.Relations.AsMemory(), facts.Tails.AsMemory() })]);
    }

    /// <inheritdoc/>
    public Metric Metric => LinkPredictor.MrrMetric;

    /// <inheritdoc/>
    public TrainingResult Train(ulong seed, TrainingOptions? options = null, IProgress<EpochReport>? progress = null,
        CancellationToken cancellation = default)
    {
        options ??= new();
        if (split.Train.Count == 0)
        {
            throw new PigeonException("PG0453", "there are no facts to learn from", "train split", "use a dataset with train facts");
        }

        var batches = new QuestionBatches(split, settings.Batch, settings.Negatives, seed);
        using var inputs = new StepInputs(batches, dataset.Graph.Binding, programs.IsSeeded ? seed : null);
        inputs.MoveTo(1);
        var step = new TaskProgram(programs.Step.Program, compile with { Graph = inputs.Graph });
        options.BeforeRun?.Invoke(MemoryEstimate.Of(step.SignatureFor(options.Device), inputs.Graph, options.Threads).Total);
        using IExecutable executable = step.Bind(inputs.Graph, options.Threads, options.Device);
        foreach ((string output, string argument) in programs.Step.Links)
        {
            executable.Link(output, argument);
        }

        inputs.Give(executable);
        InitialWeights.Set(executable, programs.Encoder, recipe.Model, dataset.Graph.Binding, seed);
        using LinkPredictor predictor = Bind(options.Threads, options.Device);
        using var trainer = new Trainer(executable, [.. programs.Step.Links.Select(link => link.Argument)], IdentityOf(seed, options.Threads) with { Device = options.DeviceName }, new()
        {
            Epochs = recipe.Epochs,
            StepsPerEpoch = batches.StepsPerEpoch,
            BeforeStep = number =>
            {
                inputs.MoveTo(number);
                executable.Bind(inputs.Graph);
                inputs.Give(executable);
            },
            LearningRate = recipe.LearningRate,
            StepNumbers = (rate, number) => TrainingStep.StepNumbers(recipe.Optimiser, rate, number),
            Validate = split.Valid.Count == 0 ? null : () => Judge(split.Valid).Figures[0].Value,
            Stopping = new(MetricMode.HigherIsBetter, recipe.Patience ?? int.MaxValue),
            Folder = options.Folder,
            CheckpointEvery = options.CheckpointEvery,
        });
        options.Carry(trainer, progress, cancellation);
        return new(trainer.Record, split.Test.Count == 0 ? null : Judge(split.Test) with { Split = "test" });

        SplitFigures Judge(Facts facts)
        {
            predictor.Share(executable);
            predictor.Run();
            return predictor.Figures("valid", facts, cancellation);
        }
    }

    /// <summary>The predictor that a checkpoint holds, its entities encoded.</summary>
    /// <inheritdoc cref="ITask.Load"/>
    public LinkPredictor Load(Checkpoint checkpoint, int threads = 1)
    {
        IdentityOf(checkpoint.Record.Identity.Seed, threads).RequireWeights(checkpoint.Record.Identity, checkpoint.Path);
        return Bind(threads).Ready(predictor =>
        {
            predictor.Take(checkpoint);
            predictor.Run();
        });
    }

    ITrainedModel ITask.Load(Checkpoint checkpoint, int threads) => Load(checkpoint, threads);

    private LinkPredictor Bind(int threads, IGpuDevice? device = null) =>
        new(encoder.Bind(dataset.Graph.Binding, threads, device), dataset, known, threads);

    private TrainingIdentity IdentityOf(ulong seed, int threads) =>
        new(programs.Step.Hash, recipe.Model, recipe.Settings, seed, dataset.Name, datasetHash, threads);
}
