using System.Collections.Immutable;
using System.Globalization;
using Pigeon.Datasets;
using Pigeon.Kernels;
using Pigeon.Runtime;

namespace Pigeon.Models;

/// <summary>A node classifier bound to a graph, for inference. Not safe for use from several threads at once.</summary>
public sealed class NodeClassifier : ITrainedModel
{
    /// <summary>The share of nodes whose class is right.</summary>
    internal static readonly Metric AccuracyMetric = new("accuracy", IsShare: true);

    private static readonly Metric MacroF1Metric = new("macro-F1", IsShare: true);

    private const string Logits = "y";
    private const string ScoresFile = ".npy";
    private const string ClassesFile = ".csv";

    private readonly GraphDataset dataset;
    private readonly NodeLabels labels;
    private readonly IExecutable executable;
    private readonly TrainedWeights weights;

    internal NodeClassifier(TaskProgram program, GraphDataset dataset, int threads, IGpuDevice? device = null)
    {
        this.dataset = dataset;
        labels = dataset.Labels!;
        executable = program.Bind(dataset.Graph.Binding, threads, device);
        weights = new(executable, executable.Arguments.Select(argument => argument.Name));
    }

    /// <summary>The logits of all nodes, <c>[nodes, classes]</c>, by the last <see cref="Run"/>; the next one overwrites them.</summary>
    public Tensor Scores => executable.Output(Logits);

    /// <summary>Computes the scores.</summary>
    public void Run() => executable.Run();

    /// <summary>The accuracy of the scores on labelled nodes.</summary>
    /// <exception cref="PigeonException">PG0237: there are no labelled nodes. PG0238: a score is NaN.</exception>
    public double Accuracy(LabelledNodes labels) => NodeMetrics.Accuracy(Scores, labels.Nodes.AsSpan(), labels.Classes.AsSpan());

    /// <summary>The macro-F1 of the scores on labelled nodes.</summary>
    /// <exception cref="PigeonException">PG0237: there are no labelled nodes. PG0238: a score is NaN.</exception>
    public double MacroF1(LabelledNodes labels) => NodeMetrics.MacroF1(Scores, labels.Nodes.AsSpan(), labels.Classes.AsSpan());

    /// <inheritdoc/>
    public ImmutableArray<SplitFigures> Evaluate(CancellationToken cancellation = default) =>
    [
        .. from split in new[] { ("train", labels.Train), ("valid", labels.Valid), ("test", labels.Test) }
           let nodes = split.Item2
           where nodes.Count > 0
           select new SplitFigures(split.Item1, "nodes", nodes.Count, [(AccuracyMetric, Accuracy(nodes)), (MacroF1Metric, MacroF1(nodes))]),
    ];

    /// <summary>Writes the scores of all nodes as <c>.npy</c>, float32 <c>[nodes, classes]</c>, or their classes as <c>.csv</c>.</summary>
    /// <inheritdoc/>
    public string Predict(PredictionRequest request)
    {
        if (request.Queries is not null)
        {
            throw new PigeonException("PG0456", "a node classifier predicts all nodes and takes no queries", request.Queries, "leave them out");
        }

        switch (Path.GetExtension(request.Output))
        {
            case ScoresFile:
                NpyFile.Write(request.Output, Scores);
                break;
            case ClassesFile:
                CsvFile.Write(request.Output, ["node", "name", "class"], Rows());
                break;
            default:
                throw new PigeonException("PG0456", $"a node classifier writes scores as {ScoresFile} or classes as {ClassesFile}",
                    request.Output, "give it one of these extensions");
        }

        return FormattableString.Invariant($"{dataset.Graph.NodeCount:N0} nodes, {labels.ClassNames.Length} classes");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        executable.Dispose();
        weights.Dispose();
    }

    /// <summary>Uses the weights of a training step, as they stand, in place.</summary>
    internal void Share(IExecutable step) => weights.Share(step);

    /// <summary>Uses the weights of a checkpoint.</summary>
    internal void Take(Checkpoint checkpoint) => weights.Take(checkpoint);

    private IEnumerable<string[]> Rows()
    {
        int[] nodes = [.. Enumerable.Range(0, dataset.Graph.NodeCount)];
        int[] classes = new int[nodes.Length];
        NodeMetrics.Predict(Scores, nodes, classes.AsSpan());
        return nodes.Select(node => new[]
        {
            node.ToString(CultureInfo.InvariantCulture), dataset.NodeNames?[node] ?? "", labels.ClassNames[classes[node]],
        });
    }
}
