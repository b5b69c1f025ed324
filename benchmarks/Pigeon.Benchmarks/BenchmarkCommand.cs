using System.CommandLine;
using Pigeon.Datasets;
using Pigeon.Models;

namespace Pigeon.Benchmarks;

/// <summary>The command: which cells to measure, how long, and where the reports go.</summary>
internal sealed class BenchmarkCommand : RootCommand
{
    private const string InferenceMode = "inference";
    private const string TrainingMode = "training";
    private const string EpochMode = "epoch";
    private const string QuestionsMode = "questions";
    private const string MemoryMode = "memory";

    /// <summary>Modes that have a model and data of their own.</summary>
    private static readonly string[] WholeModes = [EpochMode, QuestionsMode, MemoryMode];

    private readonly Option<string[]> graphs = Words("--graphs", "datasets of `pigeon datasets`", "gen:aifb");
    private readonly Option<string[]> models = Words("--models", "models; a number behind a name is its heads", [.. ModelNames.Keys]);
    private readonly Option<string[]> modes = Words("--modes", "inference, training; epoch, of the recipe rgcn-aifb; questions, a step of epignn-star-rcc8; memory, what a training step takes",
        InferenceMode, TrainingMode);
    private readonly Option<string[]> peers = Words("--peers", "the peers beside Pigeon", [.. Enum.GetNames<PeerKind>().Skip(1)]);
    private readonly Option<string[]> variants = Words("--variants", "formulations in torch, such as FastRGCNConv; otherwise all");
    private readonly Option<int> width = Value("--width", "the width of input and output rows", 64);
    private readonly Option<int> threads = Value("--threads", "the threads of Pigeon and torch", 1);
    private readonly Option<int> rounds = Value("--rounds", "the fewest rounds", 7);
    private readonly Option<double> seconds = Value("--seconds", "the least time of a cell's rounds", 4.0);
    private readonly Option<double> most = Value("--most", "the seconds after which a slow peer is out", 12.0);
    private readonly Option<double> memory = Value("--memory-limit", "the GB that a peer may be predicted to need", 16.0);
    private readonly Option<string> data = Value("--data", "the data folder", Environment.GetEnvironmentVariable("PIGEON_DATA") ?? "");
    private readonly Option<string> output = new("--output", "-o")
    {
        Description = "the folder of the reports; cells are added to those that are there",
        Required = true,
    };

    /// <summary>The command with its options.</summary>
    public BenchmarkCommand()
        : base("Measures Pigeon and its peers, interleaved in one process, on the same graphs, weights and semantics.")
    {
        Option[] all = [graphs, models, modes, peers, variants, width, threads, rounds, seconds, most, memory, data, output];
        foreach (Option option in all)
        {
            Add(option);
        }

        SetAction(Run);
    }

    private static Dictionary<string, Func<int, ModelProgram>> ModelNames { get; } = new()
    {
        ["rgcn"] = width => ModelCatalog.Find("rgcn").Create(new Dictionary<string, string>(), width, width),
        ["rgat"] = width => ModelCatalog.Find("rgat").Create(new Dictionary<string, string>(), width, width),
        ["rgat-4"] = width => ModelCatalog.Find("rgat").Create(new Dictionary<string, string> { ["heads"] = "4" }, width, width),
        ["hgt-4"] = width => ModelCatalog.Find("hgt").Create(new Dictionary<string, string> { ["heads"] = "4" }, width, width),
    };

    private int Run(ParseResult line)
    {
        string folder = line.GetValue(output)!;
        Directory.CreateDirectory(folder);
        if (Split(line, modes).Contains(MemoryMode))
        {
            // Before torch is there: it would be in what the process holds.
            RunMemory(line, folder);
        }

        if (Split(line, modes).All(mode => mode == MemoryMode))
        {
            return 0;
        }

        string? noTorch = Libtorch.Load(line.GetValue(threads));
        if (noTorch is not null)
        {
            Tell($"without torch: {noTorch}");
        }

        Tell(Python.Absence() is { } absence ? $"without PyG and DGL themselves: {absence}" : "PyG is here, but nothing calls it yet");
        PeerKind[] kinds = [.. Split(line, peers).Select(name => Enum.Parse<PeerKind>(name, ignoreCase: true))];
        var length = new ContestOptions(line.GetValue(rounds), TimeSpan.FromSeconds(line.GetValue(seconds)),
            TimeSpan.FromSeconds(line.GetValue(most)), LeastRuns: 3);
        var runner = new CellRunner(length, (long)(line.GetValue(memory) * 1e9), line.GetValue(threads), kinds,
            [.. Split(line, variants)], Tell);
        if (Split(line, modes).Contains(EpochMode))
        {
            Recipe recipe = Recipe.Find("rgcn-aifb");
            GraphDataset dataset = DatasetRegistry.Open(recipe.Dataset, line.GetValue(data));
            Report(runner.RunEpoch("rgcn, 2 layers", new NodeClassificationEpoch(dataset, recipe), dataset, noTorch is null));
        }

        if (Split(line, modes).Contains(QuestionsMode))
        {
            const string generated = "gen:rcc8";
            Report(runner.RunQuestions("epignn", new(Recipe.Find("epignn-star-rcc8"), generated, null), generated, noTorch is null));
        }

        foreach (string graph in Split(line, modes).All(WholeModes.Contains) ? [] : Split(line, graphs))
        {
            GraphDataset dataset = DatasetRegistry.Open(graph, line.GetValue(data));
            TorchGraph? torch = noTorch is null ? new(dataset.Graph) : null;
            foreach (string model in Split(line, models))
            {
                ModelProgram program = ModelNames[model](line.GetValue(width));
                foreach (string mode in Split(line, modes).Where(mode => !WholeModes.Contains(mode)))
                {
                    Report(runner.RunLayer(model, program, dataset, torch, mode == TrainingMode));
                }
            }
        }

        return 0;

        void Report(Cell cell)
        {
            Tell(cell);
            Reports.Add(folder, new(Machine.Here(noTorch is null), [cell]));
        }
    }

    private void RunMemory(ParseResult line, string folder)
    {
        var runner = new MemoryRunner((long)(line.GetValue(memory) * 1e9), line.GetValue(threads));
        foreach (string graph in Split(line, graphs))
        {
            GraphDataset dataset = DatasetRegistry.Open(graph, line.GetValue(data));
            foreach (string model in Split(line, models))
            {
                MemoryCell cell = runner.Run(model, ModelNames[model](line.GetValue(width)), dataset);
                Tell($"{model} on {graph}: {MemoryReport.Text(cell)}");
                MemoryReport.Add(folder, cell);
            }
        }
    }

    private static void Tell(Cell cell)
    {
        Tell($"{cell.Model} on {cell.Graph}, {cell.Mode}");
        foreach (CellPeer peer in cell.Peers.Where(p => p.CpuMs is not null))
        {
            string times = $"{peer.CpuMs,9:F2} ms CPU (least {peer.LeastCpuMs:F2}), {peer.WallMs,9:F2} ms wall, {peer.Runs,3} runs";
            string ratio = $"{peer.CpuMs / cell.Pigeon!.CpuMs,7:F2}×, differs by {peer.RelativeError:E1}";
            Tell($"  {peer.Kind,-12} {peer.Variant,-20} {times}, {ratio}");
        }
    }

    private static void Tell(string text) => Console.Error.WriteLine(text);

    private static Option<T> Value<T>(string name, string description, T standard) =>
        new(name) { Description = description, DefaultValueFactory = _ => standard };

    private static Option<string[]> Words(string name, string description, params string[] standard) => new(name)
    {
        Description = description,
        AllowMultipleArgumentsPerToken = true,
        DefaultValueFactory = _ => standard,
    };

    private static IEnumerable<string> Split(ParseResult line, Option<string[]> words) =>
        line.GetValue(words)!.SelectMany(part => part.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
}
