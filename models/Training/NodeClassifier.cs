using Pigeon.Compiler;
using Pigeon.Datasets;
using Pigeon.Kernels;
using Pigeon.Runtime;

namespace Pigeon.Models;

/// <summary>A node classifier bound to a graph, for inference. Not safe for use from several threads at once.</summary>
public sealed class NodeClassifier : IDisposable
{
    private const string Logits = "y";
    private readonly Executable executable;
    private readonly string[] weights;
    private readonly List<Tensor> owned = [];

    internal NodeClassifier(CompiledProgram program, GraphBinding graph, int threads)
    {
        executable = new(program.Load(), graph, threads);
        weights = [.. executable.Arguments.Select(argument => argument.Name)];
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
    public void Dispose()
    {
        executable.Dispose();
        owned.ForEach(tensor => tensor.Dispose());
    }

    /// <summary>Uses the weights of a training step, as they stand, in place.</summary>
    internal void Share(Executable step)
    {
        foreach (string weight in weights)
        {
            executable.Set(weight, step.Argument(weight));
        }
    }

    /// <summary>Uses the weights of a checkpoint.</summary>
    internal void Take(Checkpoint checkpoint)
    {
        foreach (string weight in weights)
        {
            Tensor tensor = checkpoint.Read(weight);
            owned.Add(tensor);
            executable.Set(weight, tensor);
        }
    }
}
