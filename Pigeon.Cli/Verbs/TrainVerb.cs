using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using Pigeon.Kernels;
using Pigeon.Models;
using Pigeon.Runtime;

namespace Pigeon.Cli;

/// <summary>Trains a model by a recipe, with as many seeds as asked for.</summary>
internal sealed class TrainVerb : Verb
{
    private readonly Argument<string> model = new("model") { Description = "a model's name; pigeon models lists them", HelpName = "MODEL" };
    private readonly Option<string> dataset = new("--dataset")
    {
        Description = "a dataset's name, or the path of a graph folder",
        HelpName = "name",
        Required = true,
    };

    private readonly Option<string?> recipe = Arguments.Path("--recipe",
        "a recipe's name or file; otherwise that of model and dataset, if any");

    private readonly Option<string[]> set = ModelArguments.Set();
    private readonly Option<int?> horizon = Arguments.OptionalCount("--horizon", "the steps that a forecaster forecasts: --set horizon=N");
    private readonly Option<int?> epochs = Arguments.OptionalCount("--epochs", "epochs; otherwise the recipe's");
    private readonly Option<ulong> seed = new("--seed")
    {
        Description = "the seed of the first run; the others follow",
        HelpName = "n",
        DefaultValueFactory = _ => 0,
    };

    private readonly Option<int?> runs = Arguments.OptionalCount("--runs", "runs, each with its seed; otherwise the recipe's");
    private readonly Option<int> threads = Arguments.Count("--threads", 1, "threads; the same bits need the same number", 1024);
    private readonly Option<string> device = DeviceArguments.Option();
    private readonly Option<bool> atomics = AtomicArguments.Option();
    private readonly Option<string?> output = Arguments.Path("--output",
        "the folder of checkpoints; one for each seed where there are several", "-o");

    private readonly Option<uint> every = new("--checkpoint-every")
    {
        Description = "seconds between two checkpoints; 0 for one after every epoch",
        HelpName = "s",
        DefaultValueFactory = _ => 60,
    };

    private readonly Option<string?> plot = Arguments.Path("--plot",
        "a picture of the training curves, .png or .svg: loss and validation metric, each run and their mean");

    private readonly Option<bool> resume = new("--resume") { Description = "continue the runs that the folder holds" };
    private readonly PlanArguments plan = new();
    private readonly DataArguments data = new();

    protected override string Name => "train";

    protected override string Description => "Train a model by a recipe, for the task that it names. Ctrl-C leaves a checkpoint to resume from.";

    public override string Examples => """
          pigeon train rgcn --dataset aifb-pyg --runs 10
          pigeon train rgat --dataset aifb-pyg --set heads=2 --epochs 100 -o my-run
          pigeon train rgcn --dataset my-graph --recipe my-recipe.json -o my-run --resume
          pigeon train rgat --dataset aifb-pyg --plot curves.png
          pigeon train rgcn --dataset am-12rel --storage bf16     features and intermediate values in half the bytes
          pigeon train epignn --dataset star-rcc8 -o my-run
          pigeon train tpgn --dataset etth1 --horizon 168
          pigeon train rgcn --dataset my-graph --device sim       on the simulator of a GPU, with every check, for small graphs
        """;

    protected override IEnumerable<Symbol> Symbols =>
        [model, dataset, recipe, set, horizon, epochs, seed, runs, threads, device, atomics, output, every, resume, plot, .. plan.Symbols,
            data.Symbol];

    protected override void Run(ParseResult line, Terminal terminal, CancellationToken cancellation)
    {
        if (line.GetValue(resume) && line.GetValue(output) is null)
        {
            throw new PigeonException(DiagnosticIds.OptionsConflict, "there is no folder to resume from", "--resume", "name it with -o");
        }

        string? picture = line.GetValue(plot);
        if (picture is not null)
        {
            PictureFile.RequireKind(plot.Name, picture);
        }

        Recipe chosen = RecipeOf(line);
        using IGpuDevice? gpu = DeviceArguments.Open(line.GetValue(device)!, chosen.Element);
        AtomicArguments.RequireGpu(line.GetValue(atomics) && gpu is null, "--device");
        ITask task = chosen.Task.Open(chosen, data.ForTask(line, chosen.Dataset), plan.Options(line, line.GetValue(threads), terminal) with { AtomicSums = line.GetValue(atomics) });
        var results = new List<TrainingResult>();
        for (int run = 0; run < chosen.Runs; run++)
        {
            ulong key = line.GetValue(seed) + (ulong)run;
            string? folder = line.GetValue(output) is not { } given ? null
                : chosen.Runs == 1 ? given : KeptRuns.FolderOf(given, key);
            var options = new TrainingOptions
            {
                Threads = line.GetValue(threads),
                Device = gpu,
                Folder = folder,
                Resume = line.GetValue(resume),
                CheckpointEvery = TimeSpan.FromSeconds(line.GetValue(every)),
                BeforeRun = bytes => plan.RequireMemory(line, terminal, $"{chosen.Model} on {chosen.Dataset}", bytes),
            };
            using var progress = new TrainingProgress(terminal, key, chosen.Epochs, task.Metric);
            results.Add(task.Train(key, options, progress, cancellation));
        }

        if (line.GetValue(output) is { } kept)
        {
            KeptRuns.Remember(chosen.Model, kept, terminal);
        }

        if (picture is not null)
        {
            ChartWriter.Write(picture, TrainingCurves.Of($"{chosen.Model} on {chosen.Dataset}", task.Metric.Name,
                [.. results.Select(result => result.Record.History)]));
            terminal.Note($"wrote {picture}");
        }

        TrainReport report = TrainReport.Of(chosen, task.Metric, results);
        if (IsJson(line))
        {
            Json.Write(terminal, report);
        }
        else
        {
            report.Write(terminal, task.Metric, results);
        }
    }

    /// <summary>
    /// The recipe that is named; else the one that comes with Pigeon for model and dataset; else defaults. Options overrule it.
    /// </summary>
    private Recipe RecipeOf(ParseResult line)
    {
        string name = line.GetRequiredValue(model);
        string graph = line.GetRequiredValue(dataset);
        var chosen = ModelArguments.Parse(line.GetValue(set)!);
        if (line.GetValue(horizon) is { } steps)
        {
            chosen["horizon"] = steps.ToString(CultureInfo.InvariantCulture);
        }

        Recipe found = line.GetValue(recipe) is { } given
            ? Recipe.Names.Contains(given) ? Recipe.Find(given) : Recipe.Open(given)
            : Known(name, graph, chosen.GetValueOrDefault("horizon")) ?? Standard(ModelCatalog.Find(name).Name, graph);
        return found.Model != name
            ? throw new PigeonException(DiagnosticIds.OptionsConflict, $"it is a recipe for {found.Model}, not {name}", "--recipe")
            : found with
            {
                Dataset = graph,
                Set = found.Set.SetItems(chosen),
                Epochs = line.GetValue(epochs) ?? found.Epochs,
                Runs = line.GetValue(runs) ?? found.Runs,
                Storage = line.GetResult(plan.Storage) is { Implicit: false } ? Recipe.NameOf(line.Storage(plan.Storage)) : found.Storage,
            };
    }

    /// <summary>
    /// The recipe that comes with Pigeon for model and dataset, or for the same data by PyG's rules; for the horizon where there is one of
    /// its own. A model that recipes alone know, as they say its task, takes another dataset by the first of them.
    /// </summary>
    internal static Recipe? Known(string name, string graph, string? horizon)
    {
        const string byOtherRules = "-pyg";
        Recipe[] own = [.. Recipe.Names.Select(Recipe.Find).Where(known => known.Model == name)];
        Recipe[] fit = [.. own.Where(known => known.Dataset == graph)];
        fit = fit.Length > 0 ? fit : [.. own.Where(known => known.Dataset == graph + byOtherRules)];
        return fit.FirstOrDefault(known => horizon is not null && known.Set.GetValueOrDefault("horizon") == horizon) ?? fit.LastOrDefault() ??
            (ModelCatalog.All.Any(known => known.Name == name) ? null : own.LastOrDefault());
    }

    private static Recipe Standard(string name, string graph)
    {
        const int enough = 50;
        var options = ImmutableSortedDictionary<string, string>.Empty.Add("layers", "2").Add("hidden", "16");
        bool canDoWithoutFeatures = ModelCatalog.Find(name).Options.Any(option => option.Name == "featureless");
        return new()
        {
            Model = name,
            Dataset = graph,
            Set = canDoWithoutFeatures ? options.Add("featureless", "true") : options,
            Epochs = enough,
        };
    }
}
