using Pigeon.Datasets;
using Pigeon.Models;
using Pigeon.Runtime;

namespace Pigeon.Cli;

/// <summary>A checkpoint at work.</summary>
/// <param name="Record">How it was trained.</param>
/// <param name="Dataset">The dataset.</param>
/// <param name="Labels">The dataset's labels.</param>
/// <param name="Classifier">The classifier, its scores computed.</param>
internal sealed record LoadedCheckpoint(TrainingRecord Record, GraphDataset Dataset, NodeLabels Labels, NodeClassifier Classifier)
    : IDisposable
{
    public void Dispose() => Classifier.Dispose();
}
