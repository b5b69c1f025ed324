using System.Collections.Immutable;
using Pigeon.Kernels;

namespace Pigeon.Runtime;

/// <summary>A program bound to a graph and a device: give it its inputs and weights, run it, read its outputs; again and again.</summary>
public interface IExecutable : IDisposable
{
    /// <summary>The name of every input and weight that must be set, with its tensor's shape.</summary>
    IEnumerable<(string Name, ImmutableArray<long> Shape)> Arguments { get; }

    /// <summary>Bytes of everything a run touches.</summary>
    long TotalBytes { get; }

    /// <summary>
    /// Binds the program to another graph, such as the next batch. Cheap where little has changed: for what
    /// <see cref="GraphBinding.With"/> kept, nothing is computed again, and memory is taken anew only where a size passes all before it. Arguments
    /// that were given stay, if their shapes do; the others are to be set again.
    /// </summary>
    /// <param name="graph">The graph's sizes and index arrays.</param>
    /// <exception cref="PigeonException">
    /// PG02xx: the graph does not provide what the program needs. PG0221: the shape of a linked argument would change. PG0353, PG0603: not
    /// enough memory.
    /// </exception>
    void Bind(GraphBinding graph);

    /// <summary>Declares that an output is what an argument becomes in the next run. The argument begins as zeros.</summary>
    /// <exception cref="PigeonException">PG0220: there is no such output or argument. PG0221: their shapes differ.</exception>
    void Link(string output, string argument);

    /// <summary>Makes the linked outputs of the last run the arguments of the next.</summary>
    void Advance();

    /// <summary>The tensor of an argument, as it stands now.</summary>
    /// <exception cref="PigeonException">PG0220: there is no such argument. PG0222: it was not given.</exception>
    Tensor Argument(string name);

    /// <summary>Gives an input or a weight. The tensor must live, unchanged, until it is replaced or the runs are over, if it is used in place.</summary>
    /// <exception cref="PigeonException">PG0220: there is no such argument. PG0221: the shape is wrong.</exception>
    void Set(string name, Tensor value);

    /// <summary>
    /// Whether the tensor of an argument is used in place. Otherwise its numbers are converted when it is set, and it need not live longer.
    /// </summary>
    /// <exception cref="PigeonException">PG0220: there is no such argument.</exception>
    bool IsUsedInPlace(string name);

    /// <summary>Computes the outputs.</summary>
    /// <exception cref="PigeonException">PG0222: an input or a weight was not given.</exception>
    void Run();

    /// <summary>Computes the outputs, and tells the number of each kernel when it has ended.</summary>
    /// <exception cref="PigeonException">PG0222: an input or a weight was not given.</exception>
    void Run(Action<int> kernelEnded);

    /// <summary>Waits until all runs so far are done; on the CPU they are.</summary>
    /// <exception cref="PigeonException">PG0603: a kernel failed.</exception>
    void Synchronize();

    /// <summary>An output of the last run. It belongs to the executable, and the next run overwrites it.</summary>
    /// <exception cref="PigeonException">PG0220: there is no such output.</exception>
    Tensor Output(string name);
}
