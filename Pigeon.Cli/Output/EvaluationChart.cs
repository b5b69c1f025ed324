using Pigeon.Models;

namespace Pigeon.Cli;

/// <summary>What an evaluation shows, as a chart.</summary>
internal static class EvaluationChart
{
    /// <summary>Accuracy against the length of ways, or a forecast; null where the runs have neither.</summary>
    public static Chart? Of(IReadOnlyList<EvaluatedRun> runs)
    {
        string title = $"{runs[0].Record.Identity.Model} on {runs[0].Dataset}";
        return runs[0].Splits.Any(split => split.Cell is not null) ? new(title, [Lengths(runs)])
            : runs[0].Example is { } example ? new(title, [Forecast(example)])
            : null;
    }

    /// <summary>A line for each number of ways: the mean of the runs, with each run behind it where there are several.</summary>
    private static ChartPanel Lengths(IReadOnlyList<EvaluatedRun> runs)
    {
        const double percent = 100;
        var lines = new List<ChartLine>();
        int[] ways = [.. runs[0].Splits.Select(split => split.Cell).OfType<(int Length, int Paths)>().Select(cell => cell.Paths).Distinct().Order()];
        for (int colour = 0; colour < ways.Length; colour++)
        {
            int paths = ways[colour];
            (int Length, double[] Runs)[] points = [.. runs.SelectMany(run => run.Splits).Where(split => split.Cell?.Paths == paths)
                .GroupBy(split => split.Cell!.Value.Length, split => percent * split.Figures[0].Value).OrderBy(group => group.Key)
                .Select(group => (group.Key, group.ToArray()))];
            double[] x = [.. points.Select(point => (double)point.Length)];
            if (runs.Count > 1)
            {
                lines.AddRange(Enumerable.Range(0, runs.Count).Select(run => new ChartLine(null, x,
                    [.. points.Select(point => run < point.Runs.Length ? point.Runs[run] : double.NaN)], ChartLineStyle.Faint, colour)));
            }

            lines.Add(new(paths == 0 ? null : $"b = {paths}", x, [.. points.Select(point => point.Runs.Average())], ChartLineStyle.Strong, colour));
        }

        return new("k, the edges of a way", "accuracy, %", lines);
    }

    /// <summary>The first step that is forecast is 1.</summary>
    private static ChartPanel Forecast(ForecastExample example)
    {
        double[] ahead = [.. Enumerable.Range(1, example.Truth.Length).Select(step => (double)step)];
        return new("steps ahead", "value, scaled",
        [
            new("history", [.. Enumerable.Range(1 - example.History.Length, example.History.Length).Select(step => (double)step)],
                [.. example.History.Select(y => (double)y)]),
            new("truth", ahead, [.. example.Truth.Select(y => (double)y)], ChartLineStyle.Dashed),
            new("forecast", ahead, [.. example.Forecast.Select(y => (double)y)], Colour: 1),
        ]);
    }
}
