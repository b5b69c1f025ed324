using Pigeon.Kernels;
using Pigeon.Runtime;

namespace Pigeon.Models;

/// <summary>A task on one dataset by one recipe: compiled once, trained with as many seeds as asked for.</summary>
public interface ITask
{
    /// <summary>What a trained model is judged by: the first of its figures.</summary>
    Metric Metric { get; }

    /// <summary>Trains with one seed and judges what came of it.</summary>
    /// <param name="seed">The seed of everything that is drawn.</param>
    /// <param name="options">How to carry it out.</param>
    /// <param name="progress">Told of every epoch.</param>
    /// <param name="cancellation">Asked between epochs; the last checkpoint is written before the exception is thrown.</param>
    /// <exception cref="PigeonException">
    /// PG0250 … PG0257: from the <see cref="Trainer"/>. PG0353: not enough memory. PG0453: there is nothing to learn from.
    /// </exception>
    /// <exception cref="OperationCanceledException">Training was cancelled.</exception>
    TrainingResult Train(ulong seed, TrainingOptions? options = null, IProgress<EpochReport>? progress = null,
        CancellationToken cancellation = default);

    /// <summary>The model that a checkpoint holds, ready to be judged and to predict.</summary>
    /// <param name="checkpoint">The checkpoint.</param>
    /// <param name="threads">The number of threads.</param>
    /// <exception cref="PigeonException">
    /// PG0252 … PG0255: it is a checkpoint of another model or dataset, or its tensors don't fit. PG0353: not enough memory.
    /// </exception>
    ITrainedModel Load(Checkpoint checkpoint, int threads = 1);
}
