using Pigeon.Models;

namespace Pigeon.Cli;

/// <summary>What training came to.</summary>
/// <param name="Model">The model.</param>
/// <param name="Dataset">The dataset.</param>
/// <param name="Metric"><c>accuracy</c>.</param>
/// <param name="Split">The nodes that it was measured on: <c>test</c>, or <c>valid</c> where the dataset has no test nodes.</param>
/// <param name="Seeds">The seed of each run.</param>
/// <param name="Runs">The metric of each run.</param>
/// <param name="Mean">Their mean; null where there is nothing to measure on.</param>
/// <param name="Std">Their standard deviation, of a sample; 0 for one run.</param>
/// <param name="EpochMs">The mean over runs of the median time of an epoch.</param>
internal sealed record TrainReport(string Model, string Dataset, string Metric, string Split, IReadOnlyList<ulong> Seeds,
    IReadOnlyList<double> Runs, double? Mean, double? Std, double EpochMs)
{
    /// <summary>Sums the runs up.</summary>
    public static TrainReport Of(Recipe recipe, IReadOnlyList<NodeClassificationResult> results)
    {
        string split = results.All(result => result.Test is null) ? "valid" : "test";
        double[] figures = [.. results.Select(result => result.Test ?? result.Valid).OfType<double>()];
        return new(recipe.Model, recipe.Dataset, "accuracy", split, [.. results.Select(result => result.Seed)], figures, MeanOf(figures),
            DeviationOf(figures), results.Average(result => result.EpochMs));
    }

    /// <summary>Writes a row for each run, and their mean.</summary>
    public void Write(Terminal terminal, IReadOnlyList<NodeClassificationResult> results)
    {
        var table = new Table(">seed", ">test, %", ">macro-F1, %", ">valid, %", ">epochs", ">best epoch", ">epoch, ms");
        foreach (NodeClassificationResult result in results)
        {
            table.Add($"{result.Seed}", Format.Percent(result.Test), Format.Percent(result.TestMacroF1), Format.Percent(result.Valid),
                $"{result.Record.Epoch}", result.Valid is null ? "" : $"{result.Record.BestEpoch}", Format.Number(result.EpochMs));
        }

        table.Write(terminal);
        if (Mean is not null)
        {
            terminal.Out.WriteLine(
                $"{Model} on {Dataset}: {Metric}, {Split}, {Format.Percent(Mean)} ± {Format.Percent(Std)} % over {Runs.Count} runs, " +
                $"{Format.Number(EpochMs)} ms an epoch");
        }
    }

    private static double? MeanOf(double[] figures) => figures.Length == 0 ? null : figures.Average();

    private static double? DeviationOf(double[] figures)
    {
        if (figures.Length < 2)
        {
            return figures.Length == 0 ? null : 0;
        }

        double mean = figures.Average();
        return Math.Sqrt(figures.Sum(figure => Math.Pow(figure - mean, 2)) / (figures.Length - 1));
    }
}
