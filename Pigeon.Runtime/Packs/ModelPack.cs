using System.Collections.Immutable;
using Pigeon.Kernels;

namespace Pigeon.Runtime;

/// <summary>
/// A model in one file, ready to run: host code with the kernels of the CPU as an assembly, the kernels of GPUs as machine code and PTX, the
/// weights, and the graph. Serving it needs neither a compiler of C# nor one of CUDA. <c>docs/packs.md</c> has the format. A pack is code:
/// its hashes find damage, not malice, so open only what you trust.
/// </summary>
public sealed class ModelPack : IDisposable
{
    internal const string F32 = "f32";

    /// <summary>The model's name.</summary>
    public required string Model { get; init; }

    /// <summary>The plan as text, for people.</summary>
    public required string Plan { get; init; }

    /// <summary>The assembly of the host code and the CPU's kernels.</summary>
    public required ImmutableArray<byte> Host { get; init; }

    /// <summary>The class of the program in it, with its namespace.</summary>
    public required string HostClass { get; init; }

    /// <summary>The floats of the widest vector that the CPU's kernels use.</summary>
    public required int Lanes { get; init; }

    /// <summary>The kernels of GPUs; null where there are none.</summary>
    public GpuProgram? Gpu { get; init; }

    /// <summary>What the GEMMs of the GPU kernels multiply in, as <c>pigeon pack --precision</c> has it; the CPU multiplies in f32.</summary>
    public string GpuPrecision { get; init; } = F32;

    /// <summary>The graph that the plan was chosen for.</summary>
    public required HeteroGraph Graph { get; init; }

    /// <summary>The weights by their names; they belong to the pack.</summary>
    public required IReadOnlyDictionary<string, Tensor> Weights { get; init; }

    /// <summary>Reads a pack.</summary>
    /// <exception cref="PigeonException">PG0360: it can't be read. PG0380: it is no pack, or one of another version. PG0381: it is
    /// damaged.</exception>
    public static ModelPack Open(string path) => PackReader.Read(path);

    /// <summary>Writes the pack; an existing file is replaced at once or, on an error, kept. The same pack gives the same bytes.</summary>
    /// <exception cref="PigeonException">PG0360: the file can't be written.</exception>
    public void Write(string path) => PackWriter.Write(path, this);

    /// <summary>Binds the model to a graph on the CPU, with its weights.</summary>
    /// <param name="graph">The graph; null for the pack's own.</param>
    /// <param name="threads">The number of threads.</param>
    /// <exception cref="PigeonException">PG0382: its host code does not run with this version of Pigeon. PG02xx: the graph does not provide
    /// what the program needs.</exception>
    public IExecutable Bind(GraphBinding? graph = null, int threads = 1)
    {
        GeneratedProgram program;
        try
        {
            program = GeneratedImage.Load(Host, HostClass);
        }
        catch (Exception e) when (e is BadImageFormatException or TypeLoadException or FileLoadException or FileNotFoundException or MissingMemberException
            or InvalidCastException or InvalidProgramException)
        {
            throw new PigeonException(new("PG0382", $"its host code does not run here: {e.Message}", Model, "pack the model again with this version"), e);
        }

        return WithWeights(new Executable(program, graph ?? Graph.Binding, threads));
    }

    /// <summary>Binds the model to a graph on a GPU, or on what behaves like one, with its weights.</summary>
    /// <param name="device">The device; it must outlive the executable.</param>
    /// <param name="graph">The graph; null for the pack's own.</param>
    /// <exception cref="PigeonException">PG0383: it has no kernels for GPUs. PG0603: the device does not load them. PG02xx: the graph does not
    /// provide what the program needs.</exception>
    public IExecutable Bind(IGpuDevice device, GraphBinding? graph = null) => WithWeights(new GpuExecutable(
        Gpu ?? throw new PigeonException("PG0383", "it was packed without kernels for GPUs", Model, "pack it again with --target cuda:sm_80"),
        graph ?? Graph.Binding, device));

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Tensor tensor in Weights.Values)
        {
            tensor.Dispose();
        }
    }

    private IExecutable WithWeights(IExecutable executable)
    {
        try
        {
            foreach ((string name, Tensor tensor) in Weights)
            {
                executable.Set(name, tensor);
            }

            return executable;
        }
        catch
        {
            executable.Dispose();
            throw;
        }
    }
}
