using System.Collections.Immutable;
using Pigeon.Runtime;

namespace Pigeon.Cli;

/// <summary>The course of training as a chart: loss and validation metric against epochs, all runs over each other with their mean.</summary>
internal static class TrainingCurves
{
    /// <summary>Builds the chart.</summary>
    /// <param name="title">What was trained on what.</param>
    /// <param name="metric">The metric's name, as <c>accuracy</c>.</param>
    /// <param name="runs">The history of each run, at least one epoch long. Runs that were not validated have no second panel.</param>
    public static Chart Of(string title, string metric, IReadOnlyList<ImmutableArray<EpochReport>> runs)
    {
        var panels = new List<ChartPanel> { Panel("training loss", runs, epoch => epoch.Loss) };
        if (runs.Any(run => run.Any(epoch => epoch.Validation is not null)))
        {
            panels.Add(Panel($"validation {metric}", runs, epoch => epoch.Validation ?? double.NaN));
        }

        return new(title, panels);
    }

    /// <summary>The mean ends where the first run ends: beyond, it would be one of other runs.</summary>
    private static ChartPanel Panel(string y, IReadOnlyList<ImmutableArray<EpochReport>> runs, Func<EpochReport, double> figure)
    {
        ChartLine[] each = [.. runs.Select((run, i) => new ChartLine(runs.Count > 1 && i == 0 ? "each run" : null,
            [.. run.Select(epoch => (double)epoch.Epoch)], [.. run.Select(figure)], runs.Count > 1 ? ChartLineStyle.Faint : ChartLineStyle.Strong))];
        int common = runs.Min(run => run.Length);
        return new("epoch", y, runs.Count == 1 ? each : [.. each, new($"mean of {runs.Count} runs",
            [.. Enumerable.Range(1, common).Select(epoch => (double)epoch)],
            [.. Enumerable.Range(0, common).Select(epoch => runs.Average(run => figure(run[epoch])))], Colour: 1)]);
    }
}
