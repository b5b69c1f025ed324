using Pigeon.Models;
using Pigeon.Runtime;

namespace Pigeon.Cli;

/// <summary>A checkpoint at work.</summary>
/// <param name="Record">How it was trained.</param>
/// <param name="Dataset">The dataset's name, or its path.</param>
/// <param name="Task">The task that it was trained for.</param>
/// <param name="Model">The model.</param>
internal sealed record LoadedCheckpoint(TrainingRecord Record, string Dataset, ITask Task, ITrainedModel Model) : IDisposable
{
    public void Dispose() => Model.Dispose();
}
