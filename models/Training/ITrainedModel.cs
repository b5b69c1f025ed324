using System.Collections.Immutable;
using Pigeon.Kernels;

namespace Pigeon.Models;

/// <summary>A trained model on its dataset. Not safe for use from several threads at once.</summary>
public interface ITrainedModel : IDisposable
{
    /// <summary>Judges the model on every split that has rows, the test split last.</summary>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="PigeonException">A score is not a number.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    ImmutableArray<SplitFigures> Evaluate(CancellationToken cancellation = default);

    /// <summary>Writes predictions to a file.</summary>
    /// <returns>What was written, in a few words.</returns>
    /// <exception cref="PigeonException">PG0360: the file can't be written. PG0456: the request is not one for this task.</exception>
    string Predict(PredictionRequest request);
}
