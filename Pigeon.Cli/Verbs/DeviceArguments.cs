using System.CommandLine;
using Pigeon.Compiler;
using Pigeon.Kernels;
using Pigeon.Models;
using Pigeon.Runtime;
using Pigeon.Simulator;

namespace Pigeon.Cli;

/// <summary>The option <c>--device</c>: what kernels run on.</summary>
internal static class DeviceArguments
{
    /// <summary>The processor that the tool itself runs on.</summary>
    public const string Cpu = "cpu";

    private const string Cuda = "cuda";
    private const string Simulator = "sim";

    /// <summary>The option.</summary>
    public static Option<string> Option() => new("--device")
    {
        Description = "cpu; cuda for the first NVIDIA GPU; sim for the simulator of one, which checks every access and is slow",
        HelpName = "device",
        DefaultValueFactory = _ => Cpu,
    };

    /// <summary>Opens a device.</summary>
    /// <returns>The device; null where its name is that of the CPU.</returns>
    /// <param name="device">Its name.</param>
    /// <param name="storage">What rows are to be kept in.</param>
    /// <exception cref="PigeonException">PG0502: there is no such device. PG0503: a GPU keeps rows in f32. PG0601: there is no GPU; the message
    /// says why.</exception>
    public static IGpuDevice? Open(string device, ElementType storage)
    {
        Arguments.RequireAmong("--device", [device], Cpu, Cuda, Simulator);
        if (device != Cpu)
        {
            StorageArguments.RequireF32(storage);
        }

        return device switch
        {
            Cpu => null,
            Cuda => new CudaDevice(),
            _ => new SimulatorDevice(),
        };
    }

    /// <summary>Compiles a program for a device, and binds it.</summary>
    /// <exception cref="PigeonException">PG0502: there is no such device. PG0503: a CPU multiplies in f32, a GPU keeps rows in it. PG0601: there is no GPU, or no compiler for it. PG02xx: the graph
    /// does not provide what the program needs.</exception>
    /// <param name="device">Its name.</param>
    /// <param name="program">The program.</param>
    /// <param name="options">How it is compiled, with the graph; a GPU's plan is chosen by the costs, not measured.</param>
    /// <param name="threads">The threads of a CPU.</param>
    /// <param name="requireMemory">Told the bytes of a run before they are taken; may refuse.</param>
    /// <param name="precision">What a GPU's GEMMs multiply in.</param>
    public static BoundProgram Bind(string device, Program program, CompileOptions options, int threads, Action<long> requireMemory,
        GemmPrecision precision = GemmPrecision.F32)
    {
        GraphBinding graph = options.Graph!;
        IGpuDevice? gpu = Open(device, options.Storage);
        if (gpu is null)
        {
            PrecisionArguments.RequireF32(precision, "--device");
            CompiledProgram compiled = ProgramCompiler.Compile(program, options);
            requireMemory(MemoryEstimate.Of(compiled.Source.Signature, graph, threads).Total);
            return new(compiled.Load(), graph, threads);
        }

        try
        {
            GpuProgram compiled = GpuCompiler.Compile(program, graph, gpu.Limits.Architecture, precision, options.FixedWeights).Program;
            requireMemory(MemoryEstimate.Of(compiled.Signature.Program, graph, threads: 1).Total);
            return new(new GpuExecutable(compiled, graph, gpu), gpu);
        }
        catch
        {
            gpu.Dispose();
            throw;
        }
    }
}
