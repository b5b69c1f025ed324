using Pigeon.Compiler;
using Pigeon.Kernels;
using Pigeon.Runtime;

namespace Pigeon.Models;

/// <summary>A program of a task, compiled for a device when it is first bound to one, and once.</summary>
/// <param name="program">The program.</param>
/// <param name="options">How it is compiled; a plan for a GPU is chosen by the costs, not measured.</param>
internal sealed class TaskProgram(Program program, CompileOptions options)
{
    private readonly Lazy<CompiledProgram> cpu = new(() => ProgramCompiler.Compile(program, options));
    private readonly Dictionary<int, GpuProgram> gpus = [];

    /// <summary>What the program needs and gives.</summary>
    /// <param name="device">A GPU, or what behaves like one; null for the CPU.</param>
    public ProgramSignature SignatureFor(IGpuDevice? device) => device is null ? cpu.Value.Source.Signature : For(device).Signature.Program;

    /// <summary>Binds the program to a graph.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="threads">The threads of a CPU.</param>
    /// <param name="device">A GPU, or what behaves like one; null for the CPU.</param>
    /// <exception cref="PigeonException">PG02xx: the graph does not provide what the program needs. PG0353, PG0603: not enough memory.
    /// PG0601: there is no compiler for GPUs.</exception>
    public IExecutable Bind(GraphBinding graph, int threads, IGpuDevice? device = null) => device is null
        ? new Executable(cpu.Value.Load(), graph, threads)
        : new GpuExecutable(For(device), graph, device);

    private GpuProgram For(IGpuDevice device)
    {
        int architecture = device.Limits.Architecture;
        if (!gpus.TryGetValue(architecture, out GpuProgram? compiled))
        {
            gpus[architecture] = compiled = GpuCompiler.Compile(program, options.Graph, architecture, atomicSums: options.AtomicSums).Program;
        }

        return compiled;
    }
}
