using Pigeon.Compiler;
using Pigeon.Kernels;
using Pigeon.Runtime;

namespace Pigeon.Models;

/// <summary>The way of a program to kernels for a GPU.</summary>
public static class GpuCompiler
{
    private const int Newest = 90;

    // In place of the host's vectors, so that plans are the same on every host.
    private const int Lanes = 8;

    /// <summary>
    /// How plans for a GPU are chosen: by its costs, whatever the host is and was calibrated to; never measured. A softmax may be taken in one loop:
    /// the simulator counts less traffic for it on all graphs that were tried.
    /// </summary>
    /// <param name="architecture">The compute capability, as in 80 for 8.0.</param>
    /// <param name="options">The graph, and what else does not depend on the machine.</param>
    public static CompileOptions For(int architecture, CompileOptions options) =>
        options with
        {
            Lanes = Lanes,
            Machine = MachineCosts.OfGpu(architecture),
            Tuner = null,
            Rewrites = options.Rewrites & ~RewriteFamilies.Number,
            OnlineSoftmax = true,
            StoresBefore = false,
            FoldsWeights = false,
            NeighbourBlocks = false,
            NarrowProducts = false,
            OrdersKernels = false,
        };

    /// <summary>Plans a program for a graph and compiles it; images that were compiled before are found in the cache.</summary>
    /// <param name="program">The program.</param>
    /// <param name="graph">The graph that the plan is chosen for; null keeps to the author's order of operations.</param>
    /// <param name="architecture">The compute capability, as in 80 for 8.0; a newer one than the compiler knows takes its PTX.</param>
    /// <param name="precision">What GEMMs multiply in.</param>
    /// <param name="fixedWeights">As <see cref="CompileOptions.FixedWeights"/>.</param>
    /// <param name="atomicSums">As <see cref="CompileOptions.AtomicSums"/>.</param>
    /// <exception cref="PigeonException">PG0601: there is no compiler for GPUs.</exception>
    public static (Plan Plan, GpuProgram Program) Compile(Program program, GraphBinding? graph, int architecture,
        GemmPrecision precision = GemmPrecision.F32, bool fixedWeights = false, bool atomicSums = false)
    {
        Plan plan = ProgramCompiler.Plan(program, For(architecture, new() { Graph = graph, FixedWeights = fixedWeights }));
        CudaSource source = CudaEmitter.Emit(plan, precision, atomicSums);
        CompiledCuda compiled = Nvrtc.Compile(new(program.Name, source.Source, source.Headers), Math.Min(architecture, Newest), ImageCache.Default());
        return (plan, new(source.Signature, compiled.Image));
    }
}
