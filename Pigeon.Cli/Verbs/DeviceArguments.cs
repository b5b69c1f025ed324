using System.CommandLine;
using Pigeon.Compiler;
using Pigeon.Kernels;
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

    /// <summary>Compiles a program for a device, and binds it.</summary>
    /// <exception cref="PigeonException">PG0502: there is no such device. PG0601: there is no GPU, or no compiler for it. PG02xx: the graph
    /// does not provide what the program needs.</exception>
    public static BoundProgram Bind(string device, Program program, GraphBinding graph, int threads)
    {
        Arguments.RequireAmong("--device", [device], Cpu, Cuda, Simulator);
        if (device == Cpu)
        {
            return new(ProgramCompiler.Compile(program, new() { Graph = graph }).Load(), graph, threads);
        }

        IGpuDevice gpu = device == Cuda ? new CudaDevice() : new SimulatorDevice();
        try
        {
            return new(new GpuExecutable(Compile(program, graph, gpu.Limits.Architecture), graph, gpu), gpu);
        }
        catch
        {
            gpu.Dispose();
            throw;
        }
    }

    /// <summary>Compiles a program for a GPU.</summary>
    private static GpuProgram Compile(Program program, GraphBinding graph, int architecture)
    {
        const int Newest = 90;
        CudaSource source = CudaEmitter.Emit(ProgramCompiler.Plan(program, new() { Graph = graph }));
        CompiledCuda compiled = Nvrtc.Compile(new(program.Name, source.Source, source.Headers), Math.Min(architecture, Newest), ImageCache.Default());
        return new(source.Signature, compiled.Image);
    }
}
