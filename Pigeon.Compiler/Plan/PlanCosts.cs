using System.Collections.Immutable;
using Pigeon.Kernels;

namespace Pigeon.Compiler;

/// <summary>
/// Counts what the kernels of a plan do on a graph, cost by cost of <see cref="MachineCosts"/>. Kernels, loops and places are known here, so
/// this is closer to the truth than <see cref="CostModel"/>, which has to do without a plan.
/// </summary>
internal sealed class PlanCosts
{
    /// <summary>To round a vector and halve it, beside the store.</summary>
    private const double RoundingOperations = 5;

    private readonly Plan plan;
    private readonly GraphCounts graph;
    private readonly MachineCosts machine;
    private readonly int lanes;
    private readonly HashSet<(int Value, RowIndex Index)> read = [];
    private double[] counts = [];

    private PlanCosts(Plan plan, GraphCounts graph, MachineCosts machine, int lanes) =>
        (this.plan, this.graph, this.machine, this.lanes) = (plan, graph, machine, lanes);

    /// <summary>For each kernel, how often each cost occurs in a run; nothing for kernels that run once.</summary>
    public static ImmutableArray<double[]> Counts(Plan plan, GraphCounts graph, MachineCosts machine, int lanes)
    {
        var costs = new PlanCosts(plan, graph, machine, lanes);
        return [.. plan.Kernels.Select(costs.Count)];
    }

    /// <summary>The predicted seconds of a run of a program's plan.</summary>
    public static double Seconds(Program program, GraphCounts graph, CompileOptions options) =>
        Seconds(ProgramCompiler.PlanKernels(SeparateOutputs.Run(HoistWeights.Run(program)), graph, options with { Fuse = true }), graph, options);

    /// <summary>The predicted seconds of a run of a plan.</summary>
    public static double Seconds(Plan plan, GraphCounts graph, CompileOptions options)
    {
        double[] prices = options.Machine.ToArray();
        double launches = options.Machine.LaunchNs * plan.Kernels.Items.Count(kernel => !kernel.Once);
        return (launches + Counts(plan, graph, options.Machine, options.Lanes).Sum(kernel => kernel.Select((count, i) => count * prices[i]).Sum())) * 1e-9;
    }

    private double[] Count(Kernel kernel)
    {
        counts = new double[MachineCosts.SimpleCosts + (2 * machine.Levels.Count)];
        read.Clear();
        if (kernel.Once)
        {
            return counts;
        }

        Map? order = kernel.Contraction?.Type;
        foreach (Step step in kernel.Before)
        {
            Count(step, kernel, order);
        }

        if (kernel.Contraction is { } contraction)
        {
            Count(contraction);
        }
        else
        {
            Add(MachineCost.Row, graph.Rows(kernel.Rows));
        }

        foreach (Step step in kernel.After)
        {
            Count(step, kernel, order);
        }

        return counts;
    }

    /// <summary>
    /// The vectors of multiply-adds for a row of k times k × n. One vector of columns loads and repeats more numbers for each than several;
    /// few columns are multiplied along k, where every multiply-add has two loads.
    /// </summary>
    public static double MultiplyAdds(int k, int n, int lanes)
    {
        int vectors = (n + lanes - 1) / lanes;
        return IsNarrow(k, n, lanes) ? 1.5 * k * n / lanes : k * vectors * vectors switch { 1 => 1.8, 2 => 1.25, _ => 1 };
    }

    /// <summary>Whether rows of k times k × n are multiplied along k; each result of a linear is then folded from a vector.</summary>
    public static bool IsNarrow(int k, int n, int lanes) => n <= lanes / 2 && k >= 2 * lanes;

    private void Count(Contraction c)
    {
        double rows = graph.Rows(c.Type.From);
        int vectors = (c.N + lanes - 1) / lanes;
        double depth = rows * c.Blocks * c.Lead;
        double slices = Math.Min(graph.Rows(c.Type.To), rows);
        bool isLinear = c.Kind == ContractionKind.Linear;
        double slice = (double)c.Blocks * c.K * c.N * ElementBytes(isLinear ? c.Y.Value : c.Value);
        Add(isLinear ? MachineCost.LinearVector : MachineCost.OuterVector, depth * MultiplyAdds(c.K, c.N, lanes));
        Add(isLinear ? MachineCost.LinearTile : MachineCost.OuterRow, isLinear ? depth * vectors : depth);
        Add(MachineCost.Slice, slices);
        if (isLinear && IsNarrow(c.K, c.N, lanes))
        {
            Add(MachineCost.Dot, depth * c.N);
        }

        AddBytes(graph.Rows(c.Type.To) * slice, slices * slice);
        Read(c.X, rows, c.Type, (double)c.Blocks * c.Lead * c.K);
        Widen(c.X, depth * c.K / lanes);
        if (isLinear)
        {
            Write(c.Value, rows, c.Type, (double)c.Blocks * c.Lead * c.N);
            Widen(c.Y, slices * c.Blocks * c.K * c.N / lanes);
        }
        else
        {
            Read(c.Y, rows, c.Type, (double)c.Blocks * c.Lead * c.N);
            Widen(c.Y, depth * c.N / lanes);
        }
    }

    private void Count(Step step, Kernel kernel, Map? order)
    {
        double times = step.Loop is { } loop ? graph.Rows(loop.From) : graph.Rows(kernel.Rows);
        double? inBlocks = step.InBlocks
            ? NeighbourBlocks.Count(graph.Rows(kernel.Rows), times, NeighbourBlocks.WidthOf(step), lanes)
            : null;
        Map? walk = step.Loop ?? order;
        if (step.Loop is not null)
        {
            Add(MachineCost.Neighbour, inBlocks ?? times);
        }

        if (step.IsOnline)
        {
            CountRises(step, graph.Rows(kernel.Rows), times);
        }

        foreach (Stage stage in step.Stages)
        {
            // Weights of several neighbours are computed at once.
            double vectors = inBlocks ?? times * (step.IsWeight(stage) ? (double)stage.Domain.Width / lanes : Vectors(stage.Domain.Width));
            Count(stage.Expression, vectors);
            foreach (Access access in stage.Arguments)
            {
                double width = stage.Domain.Extents.Select((extent, axis) => access.Strides[axis] == 0 ? 1.0 : extent).Aggregate(1.0, (p, e) => p * e);
                bool ofRow = step.Loop is not null && !access.Index.OfNeighbour;
                Read(access, ofRow ? graph.Rows(kernel.Rows) : times, ofRow ? null : walk, width);
                Add(MachineCost.Near, inBlocks ?? times * Vectors(width));
                Add(MachineCost.Operation, IsNarrow(access.Value) ? times * Vectors(width) : 0);
            }

            // What was just written is near.
            read.Add((stage.Value, new(stage.Kind != StageKind.Reduce && step.Loop is not null, new Map.Identity(plan.Program.Types[stage.Value].Space))));
            if (stage.Kind == StageKind.Map && inBlocks is { } stored && plan.Storage[stage.Value] != Storage.Buffer)
            {
                Add(MachineCost.Near, stored);
            }
            else if (stage.Kind == StageKind.Map)
            {
                Write(stage.Value, times, walk, stage.Domain.Width);
            }
            else
            {
                Add(MachineCost.Operation, vectors);
                if (stage.Kind == StageKind.Reduce)
                {
                    Add(MachineCost.Dot, inBlocks is null ? 0 : graph.Rows(kernel.Rows) * stage.Domain.Width);
                    Write(stage.Value, graph.Rows(kernel.Rows), null, stage.Domain.Width);
                }
                else
                {
                    double results = plan.Program.Types[stage.Value].Row.Width;
                    Add(MachineCost.Dot, times * results);
                    Write(stage.Value, times, walk, results);
                }
            }
        }
    }

    /// <summary>
    /// A maximum is taken of each block of neighbours. In a random order the k-th block raises it with a chance of 1 / k, and then every sum
    /// is rescaled.
    /// </summary>
    private void CountRises(Step step, double rows, double neighbours)
    {
        double blocks = neighbours / StageEmitter.BlockNeighbours;
        double rises = rows * (1 + Math.Log(Math.Max(1, blocks / Math.Max(1, rows))));
        foreach (Stage stage in step.Stages.Items.Where(stage => stage.IsRescaled))
        {
            Add(MachineCost.Operation, rises * Vectors(stage.Domain.Width));
        }

        foreach (Stage max in step.Stages.Items.Where(step.IsRising))
        {
            double vectors = Vectors(max.Domain.Width);
            Add(MachineCost.Function, rises * vectors);
            Add(MachineCost.Operation, blocks * vectors);
            if (max.Domain.Width < lanes / 2)
            {
                Add(MachineCost.Dot, blocks * max.Domain.Width);
            }
        }
    }

    /// <summary>Reading rows of a value from memory; what the kernel has read before is near.</summary>
    private void Read(Access access, double rows, Map? walk, double width)
    {
        if (plan.Storage[access.Value] == Storage.Buffer && read.Add((access.Value, access.Index)))
        {
            Map along = access.Index.Along;
            double bytes = width * ElementBytes(access.Value);
            if ((walk is null || graph.IsSorted(walk)) && graph.IsSorted(along))
            {
                AddBytes(TableBytes(access.Value), (along is Map.Unit ? 1 : rows) * bytes);
            }
            else
            {
                ImmutableArray<double> shares = graph.SharesOf(walk, along, RowBytes(access.Value), machine);
                for (int level = 0; level < shares.Length; level++)
                {
                    AddRows(level, shares[level] * rows, bytes);
                }
            }
        }
    }

    /// <summary>A contraction widens its operands into scratch.</summary>
    private void Widen(Access access, double vectors)
    {
        if (IsNarrow(access.Value))
        {
            Add(MachineCost.Operation, 2 * vectors);
            Add(MachineCost.Near, vectors);
        }
    }

    private void Write(int value, double rows, Map? walk, double width)
    {
        if (plan.Storage[value] == Storage.Buffer)
        {
            // A line is read before it is written.
            double bytes = 2 * width * ElementBytes(value);
            if (walk is null || graph.IsSorted(walk))
            {
                AddBytes(TableBytes(value), rows * bytes);
            }
            else
            {
                AddRows(machine.LevelIndex(TableBytes(value)), rows, bytes);
            }

            Add(MachineCost.Operation, IsNarrow(value) ? RoundingOperations * rows * Vectors(width) : 0);
        }
        else
        {
            Add(MachineCost.Near, rows * Vectors(width));
        }
    }

    /// <summary>Rows that are not read or written one after the other.</summary>
    private void AddRows(int level, double rows, double bytes)
    {
        counts[MachineCosts.SimpleCosts + (2 * level)] += rows;
        counts[MachineCosts.SimpleCosts + (2 * level) + 1] += rows * bytes;
    }

    private double TableBytes(int value) => graph.Rows(plan.Program.Types[value].Space) * RowBytes(value);

    private double RowBytes(int value) => plan.Program.Types[value].Row.Width * ElementBytes(value);

    private void AddBytes(double table, double bytes) => counts[MachineCosts.SimpleCosts + (2 * machine.LevelIndex(table)) + 1] += bytes;

    private void Count(Expr expression, double times)
    {
        switch (expression)
        {
            case Expr.Unary { Function: not (UnaryFunction.Neg or UnaryFunction.Abs or UnaryFunction.Detach) }:
                Add(MachineCost.Function, times);
                break;
            case Expr.Binary { Function: BinaryFunction.Div }:
                Add(MachineCost.Operation, 4 * times);
                break;
            case Expr.Binary or Expr.Select or Expr.Unary:
                Add(MachineCost.Operation, times);
                break;
        }

        foreach (Expr child in expression.Children)
        {
            Count(child, times);
        }
    }

    private bool IsNarrow(int value) => plan.Elements[value] != ElementType.F32;

    private int ElementBytes(int value) => plan.Elements[value].Bytes();

    private void Add(MachineCost cost, double times) => counts[(int)cost] += times;

    private double Vectors(double width)
    {
        int rest = (int)width % lanes;
        return ((int)width / lanes) + (rest == 0 ? 0 : rest is 1 or 2 or 4 or 8 ? 1 : 2);
    }
}
