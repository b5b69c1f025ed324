using Pigeon.Compiler;
using Pigeon.Kernels;
using Pigeon.Models;
using Pigeon.Runtime;
using Pigeon.Simulator;

namespace Pigeon.Cli;

/// <summary>A run of a program's kernels on the simulator, for its counters.</summary>
internal static class GpuSimulation
{
    private const ulong Seed = 1;

    /// <summary>Runs kernels once on random numbers, without checks.</summary>
    /// <returns>What each kernel did, the ones of the graph alone among them.</returns>
    /// <param name="program">The program.</param>
    /// <param name="source">Its kernels.</param>
    /// <param name="image">What NVRTC made of them.</param>
    /// <param name="graph">The graph.</param>
    /// <exception cref="PigeonException">PG02xx: the graph does not provide what the program needs.</exception>
    public static IReadOnlyDictionary<string, KernelCounters> Run(Program program, CudaSource source, GpuImage image, GraphBinding graph)
    {
        var device = new SimulatorDevice(new SimulatorOptions { Checks = SimulatorChecks.None });
        using var bound = new BoundProgram(new GpuExecutable(new(source.Signature, image), graph, device), device);
        bound.Set(RandomWeights.Create(program, graph, Seed));
        bound.Set(RandomWeights.CreateInputs(program, graph, Seed));
        bound.Run();
        return new Dictionary<string, KernelCounters>(device.Counters);
    }
}
