using Pigeon.Compiler;
using Pigeon.Kernels;

namespace Pigeon.Cli;

/// <summary>What one run of a plan on a graph does, counted from the plan; times are noisy, these are not.</summary>
/// <param name="Flops">Two for each multiply-add of its contractions.</param>
/// <param name="BytesMoved">For each kernel, the bytes of the values that it reads or writes in memory, each once.</param>
internal readonly record struct PlanCost(long Flops, long BytesMoved)
{
    /// <summary>Counts the kernels of every run; those that run once are left out.</summary>
    public static PlanCost Of(Plan plan, GraphBinding graph)
    {
        PlanCost[] costs = [.. plan.Kernels.Where(kernel => !kernel.Once).Select(kernel => Of(plan, kernel, graph))];
        return new(costs.Sum(cost => cost.Flops), costs.Sum(cost => cost.BytesMoved));
    }

    /// <summary>Counts one kernel.</summary>
    public static PlanCost Of(Plan plan, Kernel kernel, GraphBinding graph) => new(
        kernel.Contraction is { } c ? 2L * graph.SizeOf(c.Type.From) * c.Blocks * c.Lead * c.K * c.N : 0,
        KernelValues.Reads(plan, kernel).Concat(KernelValues.Writes(plan, kernel)).Distinct().Sum(value => BytesOf(plan, value, graph)));

    /// <summary>
    /// The bytes that a kernel asks for: unlike <see cref="BytesMoved"/>, a row is counted as often as it is read. Most of them come
    /// from caches. Scratch is left out.
    /// </summary>
    public static long BytesTouched(Plan plan, Kernel kernel, GraphBinding graph)
    {
        long rows = graph.SizeOf(kernel.Rows);
        long bytes = Touched(plan, kernel, graph).Sum(touch => touch.Bytes);
        foreach (int value in kernel.Contraction is { } c ? [c.X.Value, c.Y.Value, c.Value] : Array.Empty<int>())
        {
            bool perType = kernel.Contraction!.Kind == ContractionKind.Linear ? value == kernel.Contraction.Y.Value : value == kernel.Contraction.Value;
            bytes += KernelValues.InMemory(plan, value)
                ? (perType ? graph.SizeOf(plan.Program.Types[value].Space) : rows) * RowBytes(plan, value)
                : 0;
        }

        return bytes;
    }

    /// <summary>The bytes that a kernel's steps ask for of each value, a row as often as it is read or written.</summary>
    public static IEnumerable<RowTraffic> Touched(Plan plan, Kernel kernel, GraphBinding graph)
    {
        long rows = graph.SizeOf(kernel.Rows);
        foreach (Step step in kernel.Steps)
        {
            long times = step.Loop is { } loop ? graph.SizeOf(loop.From) : rows;
            foreach ((int value, RowIndex index) in step.Stages.SelectMany(s => s.Arguments).Where(a => KernelValues.InMemory(plan, a.Value))
                .Select(a => (a.Value, a.Index)).Distinct())
            {
                yield return Traffic(value, index.OfNeighbour ? times : rows, index.OfNeighbour);
            }

            foreach ((int value, StageKind kind) in step.Stages.Where(s => KernelValues.InMemory(plan, s.Value)).Select(s => (s.Value, s.Kind)).Distinct())
            {
                yield return Traffic(value, kind == StageKind.Reduce ? rows : times, isGathered: false);
            }
        }

        RowTraffic Traffic(int value, long times, bool isGathered) => PlanCost.Traffic(plan, value, graph, times, isGathered);
    }

    /// <summary>The rows that a kernel's product reads and writes; the slices of its types are not among them.</summary>
    public static IEnumerable<RowTraffic> TouchedByProduct(Plan plan, Kernel kernel, GraphBinding graph)
    {
        if (kernel.Contraction is not { } product)
        {
            return [];
        }

        Access[] read = product.Kind == ContractionKind.Linear ? [product.X] : [product.X, product.Y];
        int[] written = product.Kind == ContractionKind.Linear ? [product.Value] : [];
        long times = graph.SizeOf(product.Type.From);
        return
        [
            .. read.Where(access => KernelValues.InMemory(plan, access.Value))
                .Select(access => Traffic(plan, access.Value, graph, times, access.Index.Along is not Map.Identity)),
            .. written.Where(value => KernelValues.InMemory(plan, value)).Select(value => Traffic(plan, value, graph, times, isGathered: false)),
        ];
    }

    private static RowTraffic Traffic(Plan plan, int value, GraphBinding graph, long times, bool isGathered)
    {
        long bytes = RowBytes(plan, value);
        return new(value, Math.Max(1, (int)(bytes / sizeof(float))), BytesOf(plan, value, graph), times * bytes, isGathered);
    }

    /// <summary>The bytes of all rows of a value.</summary>
    public static long BytesOf(Plan plan, int value, GraphBinding graph) =>
        graph.SizeOf(plan.Program.Types[value].Space) * RowBytes(plan, value);

    private static long RowBytes(Plan plan, int value) => plan.Program.Types[value].Row.Width * plan.Elements[value].Bytes();
}

/// <summary>The rows of a value that a kernel asks for.</summary>
/// <param name="Value">The value.</param>
/// <param name="RowFloats">The floats that fill the bytes of a row.</param>
/// <param name="TableBytes">The bytes of all its rows.</param>
/// <param name="Bytes">The bytes asked for.</param>
/// <param name="IsGathered">Whether the neighbour says which row.</param>
internal readonly record struct RowTraffic(int Value, int RowFloats, long TableBytes, long Bytes, bool IsGathered);
