using Pigeon.Models;

namespace Pigeon.Cli;

/// <summary>What training came to.</summary>
/// <param name="Model">The model.</param>
/// <param name="Dataset">The dataset.</param>
/// <param name="Metric">What is measured: <c>accuracy</c>.</param>
/// <param name="Split">What it was measured on: <c>test</c>, or <c>valid</c> where the dataset has no test split.</param>
/// <param name="Seeds">The seed of each run.</param>
/// <param name="Runs">The metric of each run.</param>
/// <param name="Mean">Their mean; null where there is nothing to measure on.</param>
/// <param name="Std">Their standard deviation, of a sample; 0 for one run.</param>
/// <param name="EpochMs">The mean over runs of the median time of an epoch.</param>
/// <param name="Figures">All figures on the test split, by name, one of each run.</param>
/// <param name="Baselines">What simple rules come to on the test split.</param>
internal sealed record TrainReport(string Model, string Dataset, string Metric, string Split, IReadOnlyList<ulong> Seeds,
    IReadOnlyList<double> Runs, double? Mean, double? Std, double EpochMs, IReadOnlyDictionary<string, IReadOnlyList<double>> Figures,
    IReadOnlyList<EvalSplit> Baselines)
{
    /// <summary>Sums the runs up.</summary>
    public static TrainReport Of(Recipe recipe, Metric metric, IReadOnlyList<TrainingResult> results)
    {
        string split = results.All(result => result.Test is null) ? "valid" : "test";
        double[] runs = [.. results.Select(result => result.Test?.Figures[0].Value ?? result.Valid).OfType<double>()];
        var figures = results.SelectMany(result => result.Test?.Figures ?? []).GroupBy(figure => figure.Metric.Name)
            .ToDictionary(group => group.Key, IReadOnlyList<double> (group) => [.. group.Select(figure => figure.Value)]);
        return new(recipe.Model, recipe.Dataset, metric.Name, split, [.. results.Select(result => result.Seed)], runs, Statistics.Mean(runs),
            Statistics.Deviation(runs), results.Average(result => result.EpochMs), figures, [.. results[0].Baselines.Select(EvalSplit.Of)]);
    }

    /// <summary>Writes a row for each run, and their mean.</summary>
    public void Write(Terminal terminal, Metric metric, IReadOnlyList<TrainingResult> results)
    {
        string[] names = [.. Figures.Keys];
        var table = new Table([">seed", .. names.Select(name => $">test {name}"), $">valid {metric.Name}", ">epochs", ">best epoch", ">epoch, ms"]);
        foreach (TrainingResult result in results)
        {
            table.Add([$"{result.Seed}", .. (result.Test?.Figures ?? []).Select(figure => Format.Figure(figure.Metric, figure.Value)),
                Format.Figure(metric, result.Valid), $"{result.Record.Epoch}", result.Valid is null ? "" : $"{result.Record.BestEpoch}",
                Format.Number(result.EpochMs)]);
        }

        foreach (SplitFigures baseline in results[0].Baselines)
        {
            table.Add([baseline.Split, .. baseline.Figures.Select(figure => Format.Figure(figure.Metric, figure.Value)), "", "", "", ""]);
        }

        table.Write(terminal);
        if (Mean is not null)
        {
            terminal.Out.WriteLine(
                $"{Model} on {Dataset}: {Metric}, {Split}, {Format.Figure(metric, Mean)} ± {Format.Figure(metric, Std)} over {Runs.Count} runs, " +
                $"{Format.Number(EpochMs)} ms an epoch");
        }
    }
}
