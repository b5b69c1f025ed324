using System.CommandLine;
using Pigeon.Models;

namespace Pigeon.Cli;

/// <summary>Judges a checkpoint.</summary>
internal sealed class EvalVerb : Verb
{
    private readonly CheckpointArguments checkpoint = new();
    private readonly Option<string?> test = Arguments.Path("--test",
        "a file of test questions, STaR's or CLUTRR's CSV, in place of the dataset's own");

    protected override string Name => "eval";

    protected override string Description => "Evaluate a checkpoint on the splits of its dataset.";

    public override string Examples => """
          pigeon eval my-run/last.safetensors --dataset aifb-pyg
          pigeon eval my-run/best.safetensors --test test_rcc8_k_9_b_1.csv
        """;

    protected override IEnumerable<Symbol> Symbols => [.. checkpoint.Symbols, test];

    protected override void Run(ParseResult line, Terminal terminal, CancellationToken cancellation)
    {
        using LoadedCheckpoint loaded = checkpoint.Load(line, line.GetValue(test));
        IReadOnlyList<SplitFigures> splits = loaded.Model.Evaluate(cancellation);
        if (IsJson(line))
        {
            double[] runs = [.. splits.TakeLast(1).Select(split => split.Figures[0].Value)];
            Json.Write(terminal, new EvalReport(loaded.Record.Identity.Model, loaded.Dataset, loaded.Record.Identity.Seed, loaded.Record.Epoch,
                loaded.Task.Metric.Name, runs, runs.Length == 0 ? null : runs[0], runs.Length == 0 ? null : 0, [.. splits.Select(EvalSplit.Of)]));
            return;
        }

        var table = new Table(["split", ">rows", .. splits.Take(1).SelectMany(split => split.Figures).Select(figure => ">" + figure.Metric.Name)]);
        foreach (SplitFigures split in splits)
        {
            table.Add([split.Split, $"{Format.Count(split.Count)} {split.Rows}",
                .. split.Figures.Select(figure => Format.Figure(figure.Metric, figure.Value))]);
        }

        table.Write(terminal);
    }
}

/// <summary>What a checkpoint is worth.</summary>
/// <param name="Model">The model.</param>
/// <param name="Dataset">The dataset.</param>
/// <param name="Seed">The seed that it was trained with.</param>
/// <param name="Epoch">The epoch of its weights.</param>
/// <param name="Metric">What is measured: <c>accuracy</c>.</param>
/// <param name="Runs">The metric on the last of the splits: the test split, where it has rows; empty where no split has.</param>
/// <param name="Mean">The same.</param>
/// <param name="Std">0: there is one run.</param>
/// <param name="Splits">The splits that have rows.</param>
internal sealed record EvalReport(string Model, string Dataset, ulong Seed, int Epoch, string Metric, IReadOnlyList<double> Runs,
    double? Mean, double? Std, IReadOnlyList<EvalSplit> Splits);

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
}
