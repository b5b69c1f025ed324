namespace Pigeon.Runtime;

/// <summary>How a <see cref="Trainer"/> runs.</summary>
public sealed record TrainerOptions
{
    /// <summary>The number of epochs, those of an interrupted run included.</summary>
    public required int Epochs { get; init; }

    /// <summary>The learning rate of each step.</summary>
    public required LearningRate LearningRate { get; init; }

    /// <summary>Whether the learning rate counts epochs instead of steps: it is then the same for all steps of an epoch.</summary>
    public bool RateByEpoch { get; init; }

    /// <summary>The numbers of the input <c>step</c> for a learning rate and the number of the step, from 1.</summary>
    public required Func<double, long, float[]> StepNumbers { get; init; }

    /// <summary>The number of steps of an epoch.</summary>
    public int StepsPerEpoch { get; init; } = 1;

    /// <summary>
    /// Prepares the inputs of a step, whose number counts from 1. What it does may depend on that number only: a resumed run repeats it.
    /// </summary>
    public Action<long>? BeforeStep { get; init; }

    /// <summary>Computes the metric on the validation rows with the executable's weights. Null for no validation.</summary>
    public Func<double>? Validate { get; init; }

    /// <summary>When a metric is better, and when training ends for want of a better one; at first never.</summary>
    public EarlyStopping Stopping { get; init; } = new(MetricMode.HigherIsBetter, int.MaxValue);

    /// <summary>Where <c>last.safetensors</c> and, with validation, <c>best.safetensors</c> go; null to write nothing.</summary>
    public string? Folder { get; init; }

    /// <summary>The time between two checkpoints. One is always written at the end and when training is cancelled.</summary>
    public TimeSpan CheckpointEvery { get; init; } = TimeSpan.FromMinutes(1);
}
