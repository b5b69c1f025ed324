namespace Pigeon.Cli;

/// <summary>How good the choice of plans is, on models × graphs × widths × modes.</summary>
/// <param name="Costs">What the cost model counts, in the order of every plan's counts.</param>
/// <param name="Cells">The cells.</param>
internal sealed record GridReport(IReadOnlyList<string> Costs, IReadOnlyList<GridCell> Cells)
{
    private const double Near = 1.1;

    /// <summary>The cells whose chosen plan takes at most a tenth longer than the best one measured.</summary>
    public int CellsNearBest => Cells.Count(cell => cell.OverBest <= Near);

    /// <summary>The geometric mean, over cells, of how many times as fast reordering and compaction together make the plan.</summary>
    public double MeanOverPlain => Cells.Count == 0 ? 1 : Math.Exp(Cells.Average(cell => Math.Log(cell.OverPlain)));
}

/// <summary>A model on a graph.</summary>
/// <param name="Model">The model.</param>
/// <param name="Dataset">The graph.</param>
/// <param name="Mode"><c>inference</c> or <c>training</c>.</param>
/// <param name="Width">The width of the rows, in and out.</param>
/// <param name="ChosenMs">The CPU time of the chosen plan.</param>
/// <param name="BestMs">The lowest CPU time of all plans measured.</param>
/// <param name="Best">The plan that took it.</param>
/// <param name="AuthorMs">The CPU time of the author's order.</param>
/// <param name="PlainMs">The CPU time of the best plan that neither reorders nor compacts; its kernels are made in the same way.</param>
/// <param name="PredictedMs">The predicted time of the chosen plan.</param>
/// <param name="Plans">All plans that were measured.</param>
internal sealed record GridCell(string Model, string Dataset, string Mode, int Width, double ChosenMs, double BestMs, string Best, double AuthorMs,
    double PlainMs, double PredictedMs, IReadOnlyList<GridPlan> Plans)
{
    /// <summary>How many times as long as the best plan the chosen one takes.</summary>
    public double OverBest => ChosenMs / BestMs;

    /// <summary>How many times as fast as the author's order the chosen plan is.</summary>
    public double OverAuthor => AuthorMs / ChosenMs;

    /// <summary>How many times as fast as without reordering and compaction the chosen plan is.</summary>
    public double OverPlain => PlainMs / ChosenMs;
}

/// <summary>A plan of a cell.</summary>
/// <param name="Names">What led to it.</param>
/// <param name="PredictedMs">Its predicted time.</param>
/// <param name="MeasuredMs">Its CPU time.</param>
/// <param name="Counts">How often each cost goes into the prediction.</param>
internal sealed record GridPlan(IReadOnlyList<string> Names, double PredictedMs, double MeasuredMs, IReadOnlyList<double> Counts);
