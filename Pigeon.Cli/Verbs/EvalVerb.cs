using System.CommandLine;
using Pigeon.Kernels;
using Pigeon.Models;

namespace Pigeon.Cli;

/// <summary>Judges a checkpoint, or those of all seeds of a run.</summary>
internal sealed class EvalVerb : Verb
{
    private readonly CheckpointArguments checkpoint = new();
    private readonly Option<string[]> test = new("--test")
    {
        Description = "files of test questions, STaR's or CLUTRR's CSV, in place of the dataset's own",
        HelpName = "path",
        AllowMultipleArgumentsPerToken = true,
        DefaultValueFactory = _ => [],
    };

    private readonly Option<string?> plot = Arguments.Path("--plot",
        "a picture, .png or .svg: accuracy against the length of ways for questions; history, truth and forecast for a forecaster");

    protected override string Name => "eval";

    protected override string Description => "Evaluate a checkpoint on the splits of its dataset.";

    public override string Examples => """
          pigeon eval my-run/last.safetensors --dataset aifb-pyg
          pigeon eval my-run/best.safetensors --test test_rcc8_k_9_b_1.csv
          pigeon eval my-run --plot lengths.png     every seed of a run, and their mean
          pigeon eval epignn --test test_rcc8_k_*.csv
          pigeon eval tpgn --plot forecast.svg

        A model's name stands for the last run of it that train kept in a folder.
        """;

    protected override IEnumerable<Symbol> Symbols => [.. checkpoint.Symbols, test, plot];

    protected override void Run(ParseResult line, Terminal terminal, CancellationToken cancellation)
    {
        string? picture = line.GetValue(plot);
        if (picture is not null)
        {
            PictureFile.RequireKind(plot.Name, picture);
        }

        string[] files = line.GetValue(test)!;
        var runs = new List<EvaluatedRun>();
        foreach (string path in checkpoint.Paths(line))
        {
            using LoadedCheckpoint loaded = checkpoint.Load(line, path, files.Length == 0 ? null : files);
            runs.Add(new(loaded.Record, loaded.Dataset, loaded.Task.Metric, loaded.Model.Evaluate(cancellation),
                picture is null ? null : (loaded.Model as IForecaster)?.Example()));
            terminal.Note($"{path}: seed {loaded.Record.Identity.Seed}, epoch {loaded.Record.Epoch}");
        }

        if (picture is not null)
        {
            ChartWriter.Write(picture, EvaluationChart.Of(runs) ?? throw new PigeonException(DiagnosticIds.OptionsConflict,
                "there are neither questions of known length nor a forecast to draw", plot.Name, "leave it out"));
            terminal.Note($"wrote {picture}");
        }

        var report = EvalReport.Of(runs);
        if (IsJson(line))
        {
            Json.Write(terminal, report);
        }
        else
        {
            report.Write(terminal, runs);
        }
    }
}
