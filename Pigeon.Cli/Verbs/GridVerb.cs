using System.CommandLine;
using System.Globalization;
using Pigeon.Compiler;
using Pigeon.Datasets;
using Pigeon.Kernels;
using Pigeon.Models;

namespace Pigeon.Cli;

/// <summary>Measures how good the choice of plans is.</summary>
internal sealed class GridVerb : Verb
{
    /// <summary>How many times as long as the chosen plan a plan may be predicted to take, to be measured.</summary>
    private const double Worst = 2;

    private readonly Option<string[]> models = Arguments.Words("--models", "names", "the models, attention with 4 heads", "rgcn", "rgat", "hgt");
    private readonly Option<string[]> datasets = Arguments.Words("--datasets", "names", "the datasets", "gen:aifb", "gen:mutag", "gen:fb15k", "gen:bgs", "gen:biokg@0.1");
    private readonly Option<string[]> widths = Arguments.Words("--widths", "n", "the widths of rows, in and out", "32", "64");
    private readonly Option<string[]> modes = Arguments.Words("--modes", "modes", "inference, training", BenchWork.Inference, BenchWork.Training);
    private readonly Option<int> top = Arguments.Count("--top", 3, "how many of the best plans to measure", 100);
    private readonly Option<int?> rounds = Arguments.OptionalCount("--rounds", "rounds to measure; otherwise enough of them");
    private readonly Option<int> threads = Arguments.Threads(1);
    private readonly Option<string?> keep = Arguments.Path("--keep", "a file that cells are added to; those that it has are not measured again");
    private readonly DataArguments data = new();

    protected override string Name => "grid";

    protected override string Description => "Measure how good the choice of plans is: models × graphs × widths × modes, every alternative of each.";

    public override string Examples => """
          pigeon grid
          pigeon grid --datasets aifb,mutag,fb15k-237,mag-corner --widths 64 --json
          pigeon grid --keep cells.jsonl                            may be interrupted, and goes on

        Plans that are predicted to take more than twice as long as the chosen one are not measured, but for the author's order and the best
        plan without reordering and compaction.
        """;

    protected override IEnumerable<Symbol> Symbols => [models, datasets, widths, modes, top, rounds, threads, keep, data.Symbol];

    protected override void Run(ParseResult line, Terminal terminal, CancellationToken cancellation)
    {
        IReadOnlyList<string> chosenModes = line.Split(modes);
        Arguments.RequireAmong("--modes", chosenModes, BenchWork.Inference, BenchWork.Training);
        int[] chosenWidths = [.. line.Split(widths).Select(Width)];
        var kept = new KeptCells(line.GetValue(keep));
        Dictionary<(string, string, string, int), GridCell> known = [];
        foreach (GridCell cell in kept.Read())
        {
            known[(cell.Model, cell.Dataset, cell.Mode, cell.Width)] = cell;
        }

        var cells = new List<GridCell>();
        foreach (string name in line.Split(datasets))
        {
            var dataset = new Lazy<GraphDataset>(() => data.Named(line, name));
            foreach (string model in line.Split(models))
            {
                foreach (int width in chosenWidths)
                {
                    foreach (string mode in chosenModes)
                    {
                        if (!known.TryGetValue((model, name, mode, width), out GridCell? cell))
                        {
                            cell = Measure(line, dataset.Value, model, width, mode, cancellation);
                            kept.Add(cell);
                        }

                        terminal.Note($"{model} {width} on {name}, {mode}: {Format.Ratio(cell.OverBest)} × the best, {Format.Ratio(cell.OverAuthor)} × as fast as the author's");
                        cells.Add(cell);
                    }
                }
            }
        }

        var report = new GridReport(MachineCosts.Default.Names, cells);
        if (IsJson(line))
        {
            Json.Write(terminal, report);
        }
        else
        {
            Write(terminal, report);
        }
    }

    private GridCell Measure(ParseResult line, GraphDataset dataset, string model, int width, string mode, CancellationToken cancellation)
    {
        IModel described = ModelCatalog.Find(model);
        var options = new Dictionary<string, string>();
        if (described.Options.Any(option => option.Name == "heads"))
        {
            options["heads"] = "4";
        }

        ModelProgram program = described.Create(options, width, width);
        BenchWork work = mode == BenchWork.Training ? BenchWork.OfTraining(program) : BenchWork.OfInference(program);
        CompileOptions compile = new() { Machine = PlanArguments.Machine, Threads = line.GetValue(threads) };
        var explanation = new Explanation(work, dataset.Name, dataset.Graph.Binding, compile, line.GetValue(top), cancellation, Worst);
        ExplainReport report = explanation.Report(line.GetValue(threads), line.GetValue(rounds), cancellation);
        ExplainedPlan best = report.Plans.MinBy(plan => plan.MeasuredMs)!;
        return new(model, dataset.Name, mode, width, report.Winner.MeasuredMs!.Value, best.MeasuredMs!.Value, best.Names[0], report.Author.MeasuredMs!.Value,
            report.Plans.Single(plan => plan.Names.Contains(Explanation.Plain)).MeasuredMs!.Value, report.Winner.PredictedMs,
            [.. report.Plans.Select(plan => new GridPlan(plan.Names, plan.PredictedMs, plan.MeasuredMs!.Value, explanation.CountsOf(plan.Names[0])))]);
    }

    private static int Width(string word) => int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out int width) && width is > 0 and <= 4096
        ? width
        : throw new PigeonException(DiagnosticIds.OptionValue, $"'{word}' is not a width", "--widths", "use whole numbers, 1 … 4096");

    private static void Write(Terminal terminal, GridReport report)
    {
        var table = new Table("model", "graph", "mode", ">width", ">chosen ms", ">best ms", ">over best", "best", ">over author", ">over plain", ">predicted ms");
        foreach (GridCell cell in report.Cells)
        {
            table.Add(cell.Model, cell.Dataset, cell.Mode, Format.Count(cell.Width), Format.Number(cell.ChosenMs), Format.Number(cell.BestMs),
                Format.Ratio(cell.OverBest), cell.Best, Format.Ratio(cell.OverAuthor), Format.Ratio(cell.OverPlain), Format.Number(cell.PredictedMs));
        }

        table.Write(terminal);
        terminal.Out.WriteLine($"{report.CellsNearBest} of {report.Cells.Count} cells are within 10 % of the best plan measured. " +
            $"Reordering and compaction together: {Format.Ratio(report.MeanOverPlain)}× in the geometric mean.");
    }
}
