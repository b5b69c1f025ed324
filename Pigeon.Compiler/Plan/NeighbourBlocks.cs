using Pigeon.Kernels;

namespace Pigeon.Compiler;

/// <summary>
/// Loops over neighbours whose rows are short, such as the softmax of a few heads: a vector holds the rows of a block of neighbours, one behind the
/// other. What a loop does with short rows can be parted from what it does with long ones, so that it becomes such a loop:
/// <code>
/// for each neighbour along dst                     for blocks of neighbours along dst
///   %3 (scratch) = exp(%1[neighbour] - %2[row])      %3 (loop buffer) = exp(%1[neighbour] - %2[row])
///   %4 sum= %3[neighbour]                      ⇒     %4 sum= %3[neighbour]
///   %5 sum= %0[...] * %3[neighbour] over [64]      for each neighbour along dst
///                                                    %5 sum= %0[...] * %3[neighbour] over [64]
/// </code>
/// </summary>
internal static class NeighbourBlocks
{
    /// <summary>Loops of fewer neighbours on average are not parted, and short rows of several numbers not taken in blocks.</summary>
    private const double ManyNeighbours = 8;

    /// <summary>Below, a block is emptier than it is worth.</summary>
    private const double FewNeighbours = 2;

    /// <summary>The numbers of a neighbour's rows in a loop that takes blocks.</summary>
    public static int WidthOf(Step step) => (int)Math.Min(int.MaxValue, step.Stages[0].Domain.Width);

    /// <summary>Whether an access reads the same for all neighbours.</summary>
    public static bool IsOfRow(Access access) => !access.Index.OfNeighbour || access.Index.Along is Map.Unit;

    /// <summary>The vectors of a loop: the last block of a row is half full on average.</summary>
    public static double Count(double rows, double neighbours, int width, int lanes) => (neighbours * width / lanes) + (0.5 * Math.Min(rows, neighbours));

    /// <summary>Parts loops of traversals where that pays, and has loops take blocks. Without a graph it is assumed to have many neighbours.</summary>
    public static Plan Run(Plan plan, GraphCounts? graph, int lanes)
    {
        Storage[] storage = [.. plan.Storage];
        Kernel[] kernels = [.. plan.Kernels.Select(kernel =>
        {
            double Neighbours(Step step) => graph is null ? double.PositiveInfinity : graph.Rows(step.Loop!.From) / Math.Max(1, graph.Rows(kernel.Rows));
            Step[] steps = [.. kernel.Before.SelectMany(step => kernel.Contraction is null && step.Loop is not null && Neighbours(step) >= ManyNeighbours
                ? Part(step, plan, storage, lanes)
                : [step])];
            var parted = plan with { Storage = [.. storage] };
            return TakeBlocks(kernel with { Before = [.. steps] }, parted, lanes,
                step => Neighbours(step) >= (WidthOf(step) == 1 ? FewNeighbours : ManyNeighbours));
        })];
        return plan with { Kernels = [.. kernels], Storage = [.. storage] };
    }

    /// <summary>
    /// Has loops of a kernel take blocks: those whose rows are all equally short, where there is more to compute than the sums that wait for rows anyway.
    /// Rows of several numbers are vectors as they are: only a long function pays for blocks of them, in all loops of a softmax or none.
    /// </summary>
    public static Kernel TakeBlocks(Kernel kernel, Plan plan, int lanes, Func<Step, bool> where)
    {
        bool[] fits = [.. kernel.Before.Select(step => step.Loop is not null && IsShort(step, WidthOf(step), lanes) &&
            step.Stages.All(stage => Fits(stage, plan, WidthOf(step))) && where(step))];
        bool Pays(Step step) => step.Stages.Any(stage => NeighbourBlocks.Pays(stage, WidthOf(step)));
        bool IsOfPaying(Step step) => kernel.Before.Where((other, number) => fits[number] && other.Loop == step.Loop && WidthOf(other) == WidthOf(step)).Any(Pays);
        return kernel with
        {
            Before = [.. kernel.Before.Select((step, number) => fits[number] && (WidthOf(step) == 1 ? Pays(step) : IsOfPaying(step))
                ? step with { InBlocks = true }
                : step)],
        };
    }

    /// <summary>Parts a step into its stages with short rows, which read nothing of the others, and the others, where blocks pay.</summary>
    private static Step[] Part(Step step, Plan plan, Storage[] storage, int lanes)
    {
        int width = (int)Math.Min(int.MaxValue, step.Stages.Min(stage => stage.Domain.Width));
        if (!IsShort(step, width, lanes))
        {
            return [step];
        }

        var ofLong = new HashSet<int>();
        var parts = step.Stages.ToLookup(stage =>
        {
            bool isShort = Fits(stage, plan, width) && !stage.Arguments.Any(a => ofLong.Contains(a.Value));
            if (!isShort)
            {
                ofLong.Add(stage.Value);
            }

            return isShort;
        });
        if (!parts[false].Any() || !parts[true].Any(stage => Pays(stage, width)))
        {
            return [step];
        }

        foreach (Stage stage in parts[true].Where(stage => stage.Kind == StageKind.Map && storage[stage.Value] == Storage.Scratch &&
            parts[false].Any(other => other.Arguments.Any(access => access.Value == stage.Value))))
        {
            storage[stage.Value] = Storage.LoopBuffer;
        }

        return [step with { Stages = [.. parts[true]] }, step with { Stages = [.. parts[false]] }];
    }

    private static bool IsShort(Step step, int width, int lanes) =>
        step.Loop is not null and not Map.Unit && !step.IsOnline && width is 1 or 4 or 8 && 2 * width <= lanes;

    /// <summary>Whether a stage has enough to compute for several rows of a width to share a vector.</summary>
    public static bool Pays(Stage stage, int width) =>
        Lanes.HasLongFunction(stage.Expression) || (width == 1 && HasSlowOperation(stage.Expression));

    private static bool HasSlowOperation(Expr expression) => expression is Expr.Select or Expr.Binary { Function: BinaryFunction.Div } ||
        expression.Children.Any(HasSlowOperation);

    /// <summary>Whether a stage computes whole rows of a width, from such rows of neighbours.</summary>
    private static bool Fits(Stage stage, Plan plan, int width)
    {
        if (stage.Kind == StageKind.RowReduce || stage.Domain.Width != width || stage.Offset != 0 || !IsWhole(stage.Value) ||
            (stage.Kind == StageKind.Map && !IsInReach(stage.Value)))
        {
            return false;
        }

        List<Axis> axes = Domain.AxesOf(stage);
        return axes.Count <= 1 && axes.All(axis => axis.Strides[0] == 1) && stage.Arguments.Select((access, number) => IsOfRow(access)
            ? HasFloats(access.Value) && axes.All(axis => axis.Strides[number + 1] is 0 or 1)
            : IsWhole(access.Value) && IsInReach(access.Value) && access.Offset == 0 && axes.All(axis => axis.Strides[number + 1] == 1)).All(fits => fits);

        bool IsWhole(int value) => plan.Program.Types[value].Row.Width == width && HasFloats(value);

        // Rows of 8 are taken only where they are behind each other in memory.
        bool IsInReach(int value) => width <= 4 || plan.Storage[value] is Storage.Scratch or Storage.LoopBuffer;

        bool HasFloats(int value) => plan.Elements[value] == ElementType.F32 && plan.Program.Values[value] is not Operator.Uniform;
    }
}
