using Pigeon.Runtime;

namespace Pigeon.Models;

/// <summary>The weights of a model in use: a training step's, shared with it, or a checkpoint's, which belong to this.</summary>
/// <param name="executable">The model's executable, for inference.</param>
/// <param name="names">Which of its arguments are weights.</param>
internal sealed class TrainedWeights(IExecutable executable, IEnumerable<string> names) : IDisposable
{
    private readonly string[] names = [.. names];
    private readonly List<Tensor> owned = [];

    /// <summary>Uses the weights of a training step, as they stand: on the CPU in place.</summary>
    public void Share(IExecutable step)
    {
        foreach (string name in names)
        {
            executable.Set(name, step.Argument(name));
        }
    }

    /// <summary>Uses the weights of a checkpoint.</summary>
    /// <exception cref="Kernels.PigeonException">PG0255, PG0377: they can't be used.</exception>
    public void Take(Checkpoint checkpoint)
    {
        foreach (string name in names)
        {
            Tensor tensor = checkpoint.Read(name);
            owned.Add(tensor);
            executable.Set(name, tensor);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => owned.ForEach(tensor => tensor.Dispose());
}
