using System.CommandLine;
using Pigeon.Datasets;

namespace Pigeon.Cli;

/// <summary>Judges a checkpoint.</summary>
internal sealed class EvalVerb : Verb
{
    private readonly CheckpointArguments checkpoint = new();

    protected override string Name => "eval";

    protected override string Description => "Evaluate a checkpoint on the labelled nodes of its dataset.";

    public override string Examples => "  pigeon eval my-run/last.safetensors --dataset aifb-pyg";

    protected override IEnumerable<Symbol> Symbols => checkpoint.Symbols;

    protected override void Run(ParseResult line, Terminal terminal, CancellationToken cancellation)
    {
        using LoadedCheckpoint loaded = checkpoint.Load(line);
        var splits = new (string Name, LabelledNodes Labels)[]
        {
            ("train", loaded.Labels.Train), ("valid", loaded.Labels.Valid), ("test", loaded.Labels.Test),
        };
        EvalSplit[] judged = [.. splits.Where(split => split.Labels.Count > 0).Select(split => new EvalSplit(split.Name, split.Labels.Count,
            loaded.Classifier.Accuracy(split.Labels), loaded.Classifier.MacroF1(split.Labels)))];
        var report = new EvalReport(loaded.Record.Identity.Model, loaded.Dataset.Name, loaded.Record.Identity.Seed, loaded.Record.Epoch,
            "accuracy", [judged[^1].Accuracy], judged[^1].Accuracy, 0, judged);
        if (IsJson(line))
        {
            Json.Write(terminal, report);
            return;
        }

        var table = new Table("split", ">nodes", ">accuracy, %", ">macro-F1, %");
        foreach (EvalSplit split in judged)
        {
            table.Add(split.Name, Format.Count(split.Nodes), Format.Percent(split.Accuracy), Format.Percent(split.MacroF1));
        }

        table.Write(terminal);
    }
}

/// <summary>What a checkpoint is worth.</summary>
/// <param name="Model">The model.</param>
/// <param name="Dataset">The dataset.</param>
/// <param name="Seed">The seed that it was trained with.</param>
/// <param name="Epoch">The epoch of its weights.</param>
/// <param name="Metric"><c>accuracy</c>.</param>
/// <param name="Runs">The metric on the last of the splits: of the test nodes, where there are any.</param>
/// <param name="Mean">The same.</param>
/// <param name="Std">0: there is one run.</param>
/// <param name="Splits">The splits that have nodes.</param>
internal sealed record EvalReport(string Model, string Dataset, ulong Seed, int Epoch, string Metric, IReadOnlyList<double> Runs,
    double Mean, double Std, IReadOnlyList<EvalSplit> Splits);

/// <summary>The metrics on a split.</summary>
internal sealed record EvalSplit(string Name, int Nodes, double Accuracy, double MacroF1);
