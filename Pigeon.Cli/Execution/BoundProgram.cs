using System.Collections.Immutable;
using Pigeon.Kernels;
using Pigeon.Runtime;

namespace Pigeon.Cli;

/// <summary>Compiled kernels bound to a graph, with the tensors that they read.</summary>
internal sealed class BoundProgram : IDisposable
{
    private readonly IExecutable executable;
    private readonly IGpuDevice? device;
    private readonly Dictionary<string, ImmutableArray<long>> shapes;
    private readonly List<Tensor> tensors = [];

    /// <summary>Binds a program.</summary>
    /// <exception cref="PigeonException">PG02xx: the graph does not provide what the program needs. PG0353: not enough memory.</exception>
    public BoundProgram(GeneratedProgram program, GraphBinding graph, int threads)
        : this(new Executable(program, graph, threads), device: null)
    {
    }

    /// <summary>Takes what is bound already.</summary>
    /// <param name="executable">The bound program; it now belongs to this one.</param>
    /// <param name="device">The device that it runs on, likewise; null where that is the CPU.</param>
    public BoundProgram(IExecutable executable, IGpuDevice? device)
    {
        (this.executable, this.device) = (executable, device);
        shapes = executable.Arguments.ToDictionary(argument => argument.Name, argument => argument.Shape);
    }

    /// <summary>Bytes of everything that a run touches.</summary>
    public long TotalBytes => executable.TotalBytes;

    /// <summary>Gives inputs and weights as plain numbers, rows in order.</summary>
    /// <exception cref="PigeonException">PG0220: there is no such argument. PG0351: there are too few or too many numbers.</exception>
    public void Set(IEnumerable<KeyValuePair<string, float[]>> numbers)
    {
        foreach ((string name, float[] values) in numbers)
        {
            Set(name, Tensor.From(values, shapes.GetValueOrDefault(name, [values.Length])));
        }
    }

    /// <summary>Gives one input or weight; the tensor now belongs to the program.</summary>
    /// <exception cref="PigeonException">PG0220: there is no such argument. PG0221: the shape is wrong.</exception>
    public void Set(string name, Tensor tensor)
    {
        tensors.Add(tensor);
        executable.Set(name, tensor);
        if (!executable.IsUsedInPlace(name))
        {
            tensors.Remove(tensor);
            tensor.Dispose();
        }
    }

    /// <summary>Computes the outputs.</summary>
    public void Run() => executable.Run();

    /// <summary>Computes the outputs, and waits until it is done.</summary>
    public void RunToEnd()
    {
        executable.Run();
        executable.Synchronize();
    }

    /// <summary>Computes the outputs, and tells the number of each kernel when it has ended.</summary>
    public void Run(Action<int> kernelEnded) => executable.Run(kernelEnded);

    /// <summary>An output of the last run; the next one overwrites it.</summary>
    public Tensor Output(string name) => executable.Output(name);

    /// <inheritdoc/>
    public void Dispose()
    {
        executable.Dispose();
        device?.Dispose();
        tensors.ForEach(tensor => tensor.Dispose());
    }
}
