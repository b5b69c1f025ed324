using Pigeon.Compiler;
using Pigeon.Kernels;
using Pigeon.Models;
using Pigeon.Runtime;

namespace Pigeon.Cli;

/// <summary>The bytes that a run asks of a GPU's memory, as the simulator counts them: of the plan, and operator by operator.</summary>
/// <param name="PlanBytes">Of the plan's kernels, in whole sectors.</param>
/// <param name="LowerBoundBytes">What the plan's kernels have to ask for.</param>
/// <param name="UnfusedBytes">Of a kernel for each operator as it was written, in whole sectors.</param>
internal sealed record GpuTraffic(long PlanBytes, long LowerBoundBytes, long UnfusedBytes)
{
    private const int SectorBytes = 32;
    private const int Architecture = 80;

    /// <summary>Counts a program on a graph.</summary>
    /// <exception cref="PigeonException">PG0601: there is no NVRTC.</exception>
    public static GpuTraffic Of(Program program, GraphBinding graph)
    {
        Plan plan = ProgramCompiler.Plan(program, GpuCompiler.For(Architecture, new() { Graph = graph }));
        return new(Simulate(plan, graph), LowerBound(plan, graph), Operators(program).Sum(one => Simulate(ProgramCompiler.Plan(one), graph)));
    }

    /// <summary>
    /// The bytes that a plan's kernels have to ask for: each row as often as a step reads or writes it, a slice of weights once, and for
    /// each neighbour of a loop or gathered row its index.
    /// </summary>
    public static long LowerBound(Plan plan, GraphBinding graph)
    {
        Kernel[] kernels = [.. plan.Kernels.Where(k => !k.Once)];
        return kernels.Sum(k => PlanCost.BytesTouched(plan, k, graph) + IndexBytes(k, graph));
    }

    /// <summary>Three lines.</summary>
    public override string ToString() => string.Join('\n',
        $"the plan's kernels          {Format.Count(PlanBytes),14} bytes, {Ratio(PlanBytes)} times its lower bound",
        $"the plan's lower bound      {Format.Count(LowerBoundBytes),14} bytes",
        $"operator by operator        {Format.Count(UnfusedBytes),14} bytes, {Ratio(UnfusedBytes)} times the plan's lower bound");

    private string Ratio(long bytes) => Format.Ratio((double)bytes / Math.Max(1, LowerBoundBytes));

    private static long IndexBytes(Kernel kernel, GraphBinding graph)
    {
        long loops = kernel.Steps.Where(s => s.Loop is not null).Sum(s => (long)graph.SizeOf(s.Loop!.From));
        long gathers = kernel.Contraction is { X.Index.Along: not Map.Identity } c ? graph.SizeOf(c.Type.From) : 0;
        return sizeof(int) * (loops + gathers);
    }

    /// <summary>Each operator as a program of its own; what only looks at a row otherwise is none.</summary>
    private static IEnumerable<Program> Operators(Program program)
    {
        for (int i = 0; i < program.Values.Length; i++)
        {
            Operator op = program.Values[i];
            if (op is Operator.Input or Operator.Weight or Operator.Constant or Operator.Reshape or Operator.Regroup or Operator.Slice)
            {
                continue;
            }

            var builder = new ProgramBuilder($"operator{i}");
            int[] operands = [.. op.Operands.Select(o => program.Values[o] is Operator.Constant constant
                ? builder.Add(constant).Id
                : builder.Add(new Operator.Input($"v{o}", program.Types[o])).Id)];
            builder.Return("y", builder.Add(op.With([.. operands])));
            yield return builder.Build();
        }
    }

    private static long Simulate(Plan plan, GraphBinding graph)
    {
        CudaSource source = CudaEmitter.Emit(plan);
        GpuImage image = Nvrtc.Compile(new(plan.Program.Name, source.Source, source.Headers), Architecture, ImageCache.Default()).Image;
        string[] once = [.. source.Signature.Launches.Where(l => l.Once).Select(l => l.Kernel)];
        return SectorBytes * GpuSimulation.Run(plan.Program, source, image, graph).Where(k => !once.Contains(k.Key)).Sum(k => k.Value.Global.Units);
    }
}
