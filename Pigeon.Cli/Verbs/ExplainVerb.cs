using System.CommandLine;
using System.Text;
using Pigeon.Datasets;
using Pigeon.Kernels;
using Pigeon.Models;

namespace Pigeon.Cli;

/// <summary>Tells which plans there are for a model on a graph, what they cost, and why one is chosen.</summary>
internal sealed class ExplainVerb : Verb
{
    private readonly Argument<string> model = new("model") { Description = "a model's name; pigeon models lists them", HelpName = "MODEL" };
    private readonly Option<string> dataset = new("--dataset")
    {
        Description = "the dataset; for epignn and tpgn a batch of it is planned for",
        HelpName = "name",
        DefaultValueFactory = _ => "default",
    };

    private readonly Option<string?> graph = Arguments.Path("--graph", "a graph folder or file, in place of a dataset");
    private readonly ModelArguments shape = new();
    private readonly Option<string[]> set = ModelArguments.Set();
    private readonly Option<bool> training = new("--training") { Description = "explain a training step: forward, loss, backward and Adam" };
    private readonly Option<int> top = Arguments.Count("--top", 3, "how many of the best plans to show", 100);
    private readonly Option<int> threads = Arguments.Threads(1);
    private readonly Option<int?> rounds = Arguments.OptionalCount("--rounds", "rounds to measure; otherwise enough of them");
    private readonly Option<bool> noMeasure = new("--no-measure") { Description = "predict only" };
    private readonly Option<bool> kernels = new("--kernels") { Description = "tell the kernels of every plan: predicted and measured time" };
    private readonly Option<string?> html = Arguments.Path("--html", "write a page: costs, the program pass by pass, the kernels");
    private readonly PlanArguments plan = new();
    private readonly DataArguments data = new();

    protected override string Name => "explain";

    protected override string Description => "Tell which plans there are for a model on a graph, what each costs, and why one is chosen.";

    public override string Examples => """
          pigeon explain rgat --dataset gen:mutag --heads 4
          pigeon explain hgt --training --html why.html
          pigeon explain rgcn --kernels             what each kernel of every plan takes
          pigeon explain tpgn --training            a batch of windows
          pigeon explain epignn --dataset clutrr    a batch of questions
          pigeon explain rgcn --graph my-graph --in 16 --out 8 --no-measure --json

        Plans are compiled and measured in turns, over the same numbers; times are CPU time.
        """;

    protected override IEnumerable<Symbol> Symbols =>
        [model, dataset, graph, .. shape.Symbols, set, training, top, threads, rounds, noMeasure, kernels, html, plan.Storage, plan.Autotune, data.Symbol];

    protected override void Run(ParseResult line, Terminal terminal, CancellationToken cancellation)
    {
        string name = line.GetRequiredValue(model);
        (BenchWork work, string on, GraphBinding binding) = shape.OfTask(line, name) is { } ofTask ? OfTask(line, ofTask) : OfGraph(line, name);
        terminal.Note($"{name} on {on}: compiling the plans …");
        var explanation = new Explanation(work, on, binding, plan.Options(line, line.GetValue(threads), terminal: null), line.GetValue(top), cancellation);
        ExplainReport report = explanation.Report(line.GetValue(threads), line.GetValue(noMeasure) ? 0 : line.GetValue(rounds), cancellation,
            line.GetValue(kernels));
        if (line.GetValue(html) is { } path)
        {
            byte[] page = Encoding.UTF8.GetBytes(ExplainPage.Write(report, explanation));
            OutputFile.Write(path, stream => stream.Write(page));
            terminal.Note($"wrote {path}");
        }

        if (IsJson(line))
        {
            Json.Write(terminal, report);
        }
        else
        {
            ExplainText.Write(terminal, report);
        }
    }

    private (BenchWork Work, string Dataset, GraphBinding Graph) OfGraph(ParseResult line, string name)
    {
        ModelProgram chosen = shape.Create(line, name, ModelArguments.Parse(line.GetValue(set)!));
        GraphDataset opened = Open(line);
        return (line.GetValue(training) ? BenchWork.OfTraining(chosen) : BenchWork.OfInference(chosen), opened.Name, opened.Graph.Binding);
    }

    private (BenchWork Work, string Dataset, GraphBinding Batch) OfTask(ParseResult line, ITaskModel ofTask)
    {
        var options = ModelArguments.Parse(line.GetValue(set)!);
        bool isTraining = line.GetValue(training);
        string name = line.GetResult(dataset) is { Implicit: false } ? line.GetRequiredValue(dataset) : ofTask.Dataset;
        return (ModelArguments.WorkOf(ofTask, options, isTraining, line.GetValue(graph)), name, ofTask.Batch(options, name, data.Folder(line), isTraining));
    }

    private GraphDataset Open(ParseResult line)
    {
        if (line.GetValue(graph) is not { } path)
        {
            return data.Named(line, line.GetRequiredValue(dataset));
        }

        return line.GetResult(dataset) is { Implicit: false }
            ? throw new PigeonException(DiagnosticIds.OptionsConflict, "--dataset is given too", "--graph", "leave out one of them")
            : data.Find(line, path);
    }
}
