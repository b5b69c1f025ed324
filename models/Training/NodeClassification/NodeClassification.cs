using System.Collections.Immutable;
using Pigeon.Compiler;
using Pigeon.Datasets;
using Pigeon.Kernels;
using Pigeon.Runtime;
using static Pigeon.Models.NodeClassificationProgram;

namespace Pigeon.Models;

/// <summary>
/// Node classification on one dataset by one recipe: the model's logits, softmax cross-entropy on the train nodes, accuracy on the
/// others. Compiled once, trained with as many seeds as asked for.
/// </summary>
public sealed class NodeClassification : ITask
{
    /// <summary>Whole numbers below are exact in float32.</summary>
    private const int LargestExact = 1 << 24;

    private readonly Recipe recipe;
    private readonly NodeClassificationSettings settings;
    private readonly GraphDataset dataset;
    private readonly NodeClassificationProgram programs;
    private readonly TaskProgram forward;
    private readonly TaskProgram step;
    private readonly string datasetHash;

    /// <summary>Builds the programs.</summary>
    /// <param name="dataset">The graph and its labels.</param>
    /// <param name="recipe">The recipe; the dataset that it names is not looked at.</param>
    /// <param name="compile">How to compile; the defaults are right for the machine it runs on.</param>
    /// <exception cref="PigeonException">
    /// PG0401 … PG0404: the model or its options can't be. PG0452: the model needs an input. PG0454: the dataset has no labels, or fewer
    /// than two classes. PG0455: a label is out of range.
    /// </exception>
    public NodeClassification(GraphDataset dataset, Recipe recipe, CompileOptions? compile = null)
    {
        const int fewest = 2;
        this.recipe = recipe;
        settings = (NodeClassificationSettings)recipe.Task;
        this.dataset = dataset;
        Labels = dataset.Labels ?? throw new PigeonException("PG0454", "it has no labels", dataset.Name, "use a dataset that has some, or a recipe for another task");
        if (Labels.ClassNames.Length < fewest)
        {
            throw new PigeonException("PG0454", $"it has {Labels.ClassNames.Length} classes", dataset.Name, "use at least two");
        }

        LabelledNodes[] splits = [Labels.Train, Labels.Valid, Labels.Test];
        foreach (int node in splits.SelectMany(split => split.Nodes))
        {
            if ((uint)node >= (uint)dataset.Graph.NodeCount)
            {
                throw new PigeonException("PG0455", $"labelled node {node} is not in 0 … {dataset.Graph.NodeCount - 1}", dataset.Name,
                    "use labels of this graph");
            }
        }

        programs = Create(recipe, settings, Labels.ClassNames.Length);
        CompileOptions planned = (compile ?? new()) with { Graph = Bind(Labels.Train), Storage = recipe.Element };
        forward = new(programs.Forward, planned);
        step = new(programs.Step.Program, planned);
        datasetHash = GraphHash.Of(dataset.Graph,
            [.. splits.SelectMany(split => new[] { split.Nodes.AsMemory(), split.Classes.AsMemory() })]);
    }

    /// <summary>The labels.</summary>
    public NodeLabels Labels { get; }

    /// <inheritdoc/>
    public Metric Metric => NodeClassifier.AccuracyMetric;

    /// <inheritdoc/>
    public TrainingResult Train(ulong seed, TrainingOptions? options = null, IProgress<EpochReport>? progress = null,
        CancellationToken cancellation = default)
    {
        options ??= new();
        var split = NodeSplit.Of(Labels, recipe.Validation, seed);
        GraphBinding bound = Bind(split.Train);
        MemoryEstimate scoring = MemoryEstimate.Of(forward.SignatureFor(options.Device), dataset.Graph.Binding, options.Threads);
        options.BeforeRun?.Invoke(MemoryEstimate.Of(step.SignatureFor(options.Device), bound, options.Threads).Total + scoring.Total - scoring.Arguments);
        using IExecutable executable = step.Bind(bound, options.Threads, options.Device);
        foreach ((string output, string argument) in programs.Step.Links)
        {
            executable.Link(output, argument);
        }

        using Tensor targets = OneHot(split.Train, Labels.ClassNames.Length);
        using Tensor weights = RowWeightsOf(split.Train);
        executable.Set(Targets, targets);
        executable.Set(RowWeights, weights);
        using Tensor drawn = Tensor.Zeros(1, 2);
        if (settings.Dropout > 0)
        {
            executable.Set(Seed, drawn);
        }

        InitialWeights.Set(executable, programs.Forward, recipe.Model, dataset.Graph.Binding, seed, settings.EmbeddingBound);

        using NodeClassifier classifier = Bind(options.Threads, options.Device);
        using var trainer = new Trainer(executable, [.. programs.Step.Links.Select(link => link.Argument)], IdentityOf(seed, options.Threads) with { Device = options.DeviceName }, new()
        {
            Epochs = recipe.Epochs,
            LearningRate = recipe.LearningRate,
            StepNumbers = (rate, number) => TrainingStep.StepNumbers(recipe.Optimiser, rate, number),
            BeforeStep = settings.Dropout == 0 ? null : number =>
            {
                ((ReadOnlySpan<float>)[seed % LargestExact, number % LargestExact]).CopyTo(drawn.Span);
                executable.Set(Seed, drawn);
            },
            Validate = split.Valid.Count == 0 ? null : () => Judge(classifier, executable).Accuracy(split.Valid),
            Stopping = new(MetricMode.HigherIsBetter, recipe.Patience ?? int.MaxValue),
            Folder = options.Folder,
            CheckpointEvery = options.CheckpointEvery,
        });
        options.Carry(trainer, progress, cancellation);
        return new(trainer.Record, Judge(classifier, executable).Evaluate(cancellation).SingleOrDefault(split => split.Split == "test"));
    }

    /// <summary>The classifier that a checkpoint holds, its scores computed.</summary>
    /// <param name="checkpoint">The checkpoint.</param>
    /// <param name="threads">The number of threads.</param>
    /// <exception cref="PigeonException">
    /// PG0252 … PG0255: it is a checkpoint of another model or dataset, or its tensors don't fit. PG0353: not enough memory.
    /// </exception>
    public NodeClassifier Load(Checkpoint checkpoint, int threads = 1)
    {
        IdentityOf(checkpoint.Record.Identity.Seed, threads).RequireWeights(checkpoint.Record.Identity, checkpoint.Path);
        return Bind(threads).Ready(classifier =>
        {
            classifier.Take(checkpoint);
            classifier.Run();
        });
    }

    /// <summary>The forward program whose weights a checkpoint holds: output <c>y</c>, the logits of all nodes.</summary>
    /// <exception cref="PigeonException">PG0252, PG0253: it is a checkpoint of another model or dataset.</exception>
    public Program ForwardOf(Checkpoint checkpoint)
    {
        IdentityOf(checkpoint.Record.Identity.Seed, checkpoint.Record.Identity.Threads).RequireWeights(checkpoint.Record.Identity, checkpoint.Path);
        return programs.Forward;
    }

    ITrainedModel ITask.Load(Checkpoint checkpoint, int threads) => Load(checkpoint, threads);

    private static NodeClassifier Judge(NodeClassifier classifier, IExecutable executable)
    {
        classifier.Share(executable);
        classifier.Run();
        return classifier;
    }

    private static Tensor OneHot(LabelledNodes labels, int classes)
    {
        Tensor targets = Tensor.Zeros(labels.Count, classes);
        for (int row = 0; row < labels.Count; row++)
        {
            targets.Span[(row * classes) + labels.Classes[row]] = 1;
        }

        return targets;
    }

    private NodeClassifier Bind(int threads, IGpuDevice? device = null) => new(forward, dataset, threads, device);

    private GraphBinding Bind(LabelledNodes train) => dataset.Graph.Binding.With(
        new Dictionary<string, int> { [TrainSpace] = train.Count },
        new Dictionary<string, int[]> { [TrainMap] = [.. train.Nodes] });

    private TrainingIdentity IdentityOf(ulong seed, int threads) =>
        new(programs.Step.Hash, recipe.Model, recipe.Settings, seed, dataset.Name, datasetHash, threads);

    /// <summary>1 for each row, or n / (classes · n of the row's class).</summary>
    private Tensor RowWeightsOf(LabelledNodes labels)
    {
        Tensor weights = Tensor.Zeros(labels.Count, 1);
        ImmutableArray<int> classes = labels.Classes;
        var counts = classes.CountBy(c => c).ToDictionary();
        for (int row = 0; row < labels.Count; row++)
        {
            weights.Span[row] = settings.BalanceClasses ? (float)labels.Count / (counts.Count * counts[classes[row]]) : 1;
        }

        return weights;
    }
}
