using Pigeon.Kernels;

namespace Pigeon.Compiler;

/// <summary>
/// Traversals whose rows are short and have few neighbours, such as the softmax of a few heads: rows of as many neighbours are computed side by side in
/// the lanes of a vector, all their first neighbours, then all their second ones. No lane is empty, sums stay in their lanes, and no loop ends when the
/// machine does not foresee it; see <see cref="RowGroups"/>. Rows of many neighbours, or none, are computed one by one.
/// <code>
/// kernel k0_traverse over Nodes                        kernel k0_traverse over groups of Nodes
///   for each neighbour along dst                         for each neighbour along dst
///     %6 (loop buffer) = exp(%1[neighbour])        ⇒       %6 (loop buffer) = exp(%1[neighbour])
///     %7 (scratch) sum= %6[neighbour]                      %7 (scratch) sum= %6[neighbour]
///   for each neighbour along dst                         for each neighbour along dst
///     %8 = %6[neighbour] / %7[row]                         %8 = %6[neighbour] / %7[row]
/// </code>
/// </summary>
internal static class GroupRows
{
    /// <summary>With more neighbours on average most blocks of them are full, and nothing is gathered: see <see cref="NeighbourBlocks"/>.</summary>
    private const double ManyNeighbours = 16;

    /// <summary>The same where there is no long function to compute.</summary>
    private const double ManyNeighboursOfSums = 4;

    /// <summary>The numbers of a row of a kernel in groups.</summary>
    public static int WidthOf(Kernel kernel) => (int)Math.Min(int.MaxValue, kernel.Before[0].Stages[0].Domain.Width);

    /// <summary>The rows of a group.</summary>
    public static int RowsOf(Kernel kernel, int lanes) => lanes / WidthOf(kernel);

    /// <summary>Whether a kernel is written in groups: a plan may be for wider vectors, of which a group is more than one row.</summary>
    public static bool IsInGroups(Kernel kernel, int lanes) => kernel.InGroups && HasGroups(WidthOf(kernel), lanes);

    /// <summary>Has traversals take groups where that pays.</summary>
    public static Plan Run(Plan plan, GraphCounts graph, int lanes) => plan with
    {
        Kernels = [.. plan.Kernels.Select(kernel => Takes(kernel, plan, graph, lanes)
            ? NeighbourBlocks.TakeBlocks(kernel, plan, lanes, _ => true) with { InGroups = true }
            : kernel)],
    };

    /// <summary>The values that a step computes for neighbours and a later step reads.</summary>
    public static IEnumerable<int> Kept(Kernel kernel) => kernel.Before.SelectMany((step, number) => step.Stages
        .Where(stage => step.Loop is not null && stage.Kind == StageKind.Map && kernel.Before.Skip(number + 1).SelectMany(later => later.Stages)
            .Any(later => later.Arguments.Any(access => access.Value == stage.Value && IsOfNeighbour(access)))).Select(stage => stage.Value)).Distinct();

    /// <summary>Whether an access reads another row for each neighbour.</summary>
    public static bool IsOfNeighbour(Access access) => access.Index is { OfNeighbour: true, Along: not Map.Unit };

    private static bool HasGroups(int width, int lanes) => width == 1 || (width == 4 && lanes == 16);

    private static bool Takes(Kernel kernel, Plan plan, GraphCounts graph, int lanes)
    {
        if (kernel.Contraction is not null || kernel.Before.FirstOrDefault(step => step.Loop is not null)?.Loop is not { } loop || loop is Map.Unit ||
            kernel.Before.Any(step => step.IsOnline || (step.Loop is not null && step.Loop != loop)))
        {
            return false;
        }

        int width = WidthOf(kernel);
        double neighbours = graph.Rows(loop.From) / Math.Max(1, graph.Rows(kernel.Rows));
        Stage[] stages = [.. kernel.Before.SelectMany(step => step.Stages)];
        HashSet<int> computed = [.. stages.Select(stage => stage.Value)];
        double most = stages.Any(stage => Lanes.HasLongFunction(stage.Expression)) ? ManyNeighbours : ManyNeighboursOfSums;
        return HasGroups(width, lanes) && neighbours >= 1 && neighbours < most &&
            stages.Any(stage => NeighbourBlocks.Pays(stage, width)) && stages.All(stage => Fits(stage, plan, width, computed));
    }

    /// <summary>Whether a stage computes whole rows of a width, from such rows and from what is the same for all rows.</summary>
    private static bool Fits(Stage stage, Plan plan, int width, HashSet<int> computed)
    {
        if (stage.Kind == StageKind.RowReduce || stage.Domain.Width != width || stage.Offset != 0 || !IsWhole(stage.Value))
        {
            return false;
        }

        List<Axis> axes = Domain.AxesOf(stage);
        return axes.Count <= 1 && axes.All(axis => axis.Strides[0] == 1) && stage.Arguments.Select((access, number) => access.Offset == 0 &&
            ((access.Index.Along is Map.Unit && IsOne(access.Value)) || (IsWhole(access.Value) && axes.All(axis => axis.Strides[number + 1] == 1))) &&
            (computed.Contains(access.Value) ? access.Index.Along is Map.Identity : plan.Storage[access.Value] == Storage.Buffer)).All(fits => fits);

        bool IsOne(int value) => plan.Program.Types[value].Row.Width == 1 && HasFloats(value);

        bool IsWhole(int value) => plan.Program.Types[value].Row.Width == width && HasFloats(value);

        bool HasFloats(int value) => plan.Elements[value] == ElementType.F32 && plan.Program.Values[value] is not Operator.Uniform;
    }
}
