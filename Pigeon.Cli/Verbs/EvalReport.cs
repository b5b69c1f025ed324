using Pigeon.Models;

namespace Pigeon.Cli;

/// <summary>What the checkpoints of a run are worth.</summary>
/// <param name="Model">The model.</param>
/// <param name="Dataset">The dataset.</param>
/// <param name="Seeds">The seed of each run.</param>
/// <param name="Epochs">The epoch of each run's weights.</param>
/// <param name="Metric">What is measured: <c>accuracy</c>.</param>
/// <param name="Runs">The metric of each run on the last of the splits: the test split, where it has rows; empty where no split has.</param>
/// <param name="Mean">Their mean.</param>
/// <param name="Std">Their standard deviation, of a sample; 0 for one run.</param>
/// <param name="Splits">The splits that have rows, with the mean of each figure.</param>
internal sealed record EvalReport(string Model, string Dataset, IReadOnlyList<ulong> Seeds, IReadOnlyList<int> Epochs, string Metric,
    IReadOnlyList<double> Runs, double? Mean, double? Std, IReadOnlyList<EvalSplit> Splits)
{
    /// <summary>Sums the runs up.</summary>
    public static EvalReport Of(IReadOnlyList<EvaluatedRun> runs)
    {
        double[] figures = [.. runs.SelectMany(run => run.Splits.TakeLast(1)).Select(split => split.Figures[0].Value)];
        EvaluatedRun first = runs[0];
        return new(first.Record.Identity.Model, first.Dataset, [.. runs.Select(run => run.Record.Identity.Seed)],
            [.. runs.Select(run => run.Record.Epoch)], first.Metric.Name, figures, Statistics.Mean(figures), Statistics.Deviation(figures),
            [.. first.Splits.Select(split => EvalSplit.Of(split, name => Statistics.Mean(ValuesOf(runs, split.Split, name))!.Value))]);
    }

    /// <summary>Writes a row for each split; of several runs means and deviations.</summary>
    public void Write(Terminal terminal, IReadOnlyList<EvaluatedRun> runs)
    {
        var splits = runs[0].Splits;
        Metric[] metrics = [.. splits.Take(1).SelectMany(split => split.Figures).Select(figure => figure.Metric)];
        var table = new Table(["split", ">rows", .. metrics.Select(metric => ">" + metric.Name)]);
        foreach (SplitFigures split in splits)
        {
            table.Add([split.Split, $"{Format.Count(split.Count)} {split.Rows}", .. metrics.Select(metric => Text(metric, ValuesOf(runs, split.Split, metric.Name)))]);
        }

        table.Write(terminal);
    }

    private static double[] ValuesOf(IReadOnlyList<EvaluatedRun> runs, string split, string metric) =>
        [.. runs.SelectMany(run => run.Splits).Where(s => s.Split == split).SelectMany(s => s.Figures).Where(f => f.Metric.Name == metric).Select(f => f.Value)];

    private static string Text(Metric metric, double[] values) =>
        Format.Figure(metric, Statistics.Mean(values)) + (values.Length > 1 ? " ± " + Format.Figure(metric, Statistics.Deviation(values)) : "");
}

/// <summary>The figures on a split.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Rows">What it consists of.</param>
/// <param name="Count">How many.</param>
/// <param name="Figures">Each figure by its name.</param>
internal sealed record EvalSplit(string Name, string Rows, int Count, IReadOnlyDictionary<string, double> Figures)
{
    /// <summary>The figures of a split.</summary>
    public static EvalSplit Of(SplitFigures split) =>
        new(split.Split, split.Rows, split.Count, split.Figures.ToDictionary(figure => figure.Metric.Name, figure => figure.Value));

    /// <summary>A split with given figures.</summary>
    public static EvalSplit Of(SplitFigures split, Func<string, double> figure) =>
        new(split.Split, split.Rows, split.Count, split.Figures.ToDictionary(f => f.Metric.Name, f => figure(f.Metric.Name)));
}
