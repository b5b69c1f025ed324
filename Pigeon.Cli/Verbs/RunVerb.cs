using System.CommandLine;
using System.Diagnostics;
using Pigeon.Compiler;
using Pigeon.Datasets;
using Pigeon.Kernels;
using Pigeon.Models;
using Pigeon.Runtime;

namespace Pigeon.Cli;

/// <summary>Runs a model with trained weights on a graph.</summary>
internal sealed class RunVerb : Verb
{
    private const string Features = "x";
    private const string Result = "y";

    private readonly Argument<string> model = new("model") { Description = "a model's name; pigeon models lists them", HelpName = "MODEL" };
    private readonly Option<string> graph = Arguments.RequiredPath("--graph", "a graph folder, or a CSV file with the header src,dst,type");
    private readonly Option<string?> nodeTypes = Arguments.Path("--node-types", "for a CSV graph, a file with the type of each node, one a line");
    private readonly Option<string?> features = Arguments.Path("--features", "the nodes' rows: npy, float32 [N, in], C order");
    private readonly Option<string> weights = Arguments.RequiredPath("--weights", "safetensors under the names of PyG's state dict");
    private readonly Option<string> output = Arguments.RequiredPath("--output", "the npy file to write, float32 [N, out]", "-o");
    private readonly Option<string[]> set = ModelArguments.Set();
    private readonly Option<int> threads = Arguments.Threads(Environment.ProcessorCount);
    private readonly Option<string> device = DeviceArguments.Option();
    private readonly Option<string> precision = PrecisionArguments.Option();
    private readonly PlanArguments plan = new();
    private readonly Option<bool> reference = new("--reference") { Description = "use the reference evaluator, in float64, in place of kernels" };

    protected override string Name => "run";

    protected override string Description => "Run a model with weights of PyG on a graph. Widths and counts are read off the files.";

    public override string Examples => """
          pigeon run rgcn --graph edges.csv --features x.npy --weights w.safetensors -o y.npy
          pigeon run rgat --graph my-graph --features x.npy --weights w.safetensors -o y.npy --set heads=4 concat=false
          pigeon run hgt --graph edges.csv --node-types t.csv --features x.npy --weights w.safetensors -o y.npy --reference
          pigeon run rgcn --graph edges.csv --features x.npy --weights w.safetensors -o y.npy --device cuda
          pigeon run rgcn --graph edges.csv --features x.npy --weights w.safetensors -o y.npy --device sim --precision tf32
          pigeon run rgcn --graph edges.csv --features x.npy --weights w.safetensors -o y.npy --storage bf16
        """;

    protected override IEnumerable<Symbol> Symbols => [model, graph, nodeTypes, features, weights, output, set, threads, device, precision, .. plan.Symbols,
        reference];

    protected override void Run(ParseResult line, Terminal terminal, CancellationToken cancellation)
    {
        IModel chosen = ModelCatalog.Find(line.GetRequiredValue(model));
        Dictionary<string, string> options = ModelArguments.Parse(line.GetValue(set)!);
        using Tensor? x = ReadFeatures(line);
        HeteroGraph given = ReadGraph(line, x);
        RequireRows(line, x, given);
        cancellation.ThrowIfCancellationRequested();

        LoadedModel loaded;
        using (SafetensorsFile file = SafetensorsFile.Open(line.GetRequiredValue(weights)))
        {
            loaded = chosen.Load(file, given, options);
        }

        RequireInputs(line, x, loaded.Model);
        cancellation.ThrowIfCancellationRequested();
        RunReport report = line.GetValue(reference) ? Evaluate(line, loaded, x) : Execute(line, terminal, loaded, x);
        terminal.Note(report.ToString());
        if (IsJson(line))
        {
            Json.Write(terminal, report);
        }
    }

    private Tensor? ReadFeatures(ParseResult line)
    {
        if (line.GetValue(features) is not { } path)
        {
            return null;
        }

        Tensor x = NpyFile.Read(path);
        if (x.Shape.Length == 2)
        {
            return x;
        }

        x.Dispose();
        throw new PigeonException(DiagnosticIds.Features, $"it has {x.Shape.Length} axes, not 2", path, "save one row for each node: [N, in]");
    }

    /// <summary>Reads the graph. A list of edges does not know of nodes after the last one with an edge; the features do.</summary>
    private HeteroGraph ReadGraph(ParseResult line, Tensor? x)
    {
        string path = line.GetRequiredValue(graph);
        string? types = line.GetValue(nodeTypes);
        if (!Directory.Exists(path))
        {
            return types is null && x is not null ? ReadEdges(line, path, (int)x.Shape[0])
                : CsvGraph.Read(path, new() { NodeTypesPath = types }).Graph;
        }

        return types is null ? GraphFile.Open(path).Graph : throw new PigeonException(DiagnosticIds.OptionsConflict,
            "a graph folder has node types of its own", "--node-types", "leave it out");
    }

    private HeteroGraph ReadEdges(ParseResult line, string path, int nodes)
    {
        try
        {
            return CsvGraph.Read(path, new() { NodeCount = nodes }).Graph;
        }
        catch (PigeonException e) when (e.Diagnostic.Remedy is null)
        {
            string remedy = $"{line.GetValue(features)} has {nodes} rows, so nodes are 0 … {nodes - 1}";
            throw new PigeonException(e.Diagnostic with { Remedy = remedy }, e);
        }
    }

    private void RequireRows(ParseResult line, Tensor? x, HeteroGraph given)
    {
        if (x is not null && x.Shape[0] != given.NodeCount)
        {
            throw new PigeonException(DiagnosticIds.Features, $"it has {x.Shape[0]} rows, but the graph has {given.NodeCount} nodes",
                line.GetValue(features), "save one row for each node");
        }
    }

    private void RequireInputs(ParseResult line, Tensor? x, ModelProgram loaded)
    {
        Operator.Input[] inputs = [.. loaded.Program.Values.OfType<Operator.Input>()];
        if (Array.Find(inputs, input => input.Name != Features) is { } other)
        {
            throw new PigeonException(DiagnosticIds.ModelInput, $"with these options it needs the input '{other.Name}', which run can't give",
                loaded.Name, "choose other options with --set");
        }

        if (inputs.Length == 0 ? x is not null : x is null)
        {
            throw new PigeonException(DiagnosticIds.ModelInput, inputs.Length == 0 ? "the model has no features" : "the model needs features",
                "--features", inputs.Length == 0 ? "leave it out" : "give --features x.npy");
        }

        if (x is not null && x.Shape[1] != inputs[0].Type.Row.Width)
        {
            throw new PigeonException(DiagnosticIds.Features, $"its rows are {x.Shape[1]} wide, but the weights take {inputs[0].Type.Row.Width}",
                line.GetValue(features), "use the features that the weights were trained for");
        }
    }

    private RunReport Execute(ParseResult line, Terminal terminal, LoadedModel loaded, Tensor? x)
    {
        long start = Stopwatch.GetTimestamp();
        string where = line.GetValue(device)!;
        using BoundProgram bound = DeviceArguments.Bind(where, loaded.Model.Program, plan.Options(line, line.GetValue(threads), terminal, loaded.Graph.Binding) with { FixedWeights = true },
            line.GetValue(threads), bytes => plan.RequireMemory(line, terminal, loaded.Model.Name, bytes),
            line.Precision(precision));
        double compileMs = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        bound.Set(loaded.Weights);
        if (x is not null)
        {
            bound.Set(Features, Tensor.From(x.Span, x.Shape));
        }

        start = Stopwatch.GetTimestamp();
        bound.Run();
        double runMs = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        return Finish(line, loaded, bound.Output(Result), where == DeviceArguments.Cpu ? "kernels" : $"kernels on {where}", line.GetValue(threads), compileMs, runMs);
    }

    private RunReport Evaluate(ParseResult line, LoadedModel loaded, Tensor? x)
    {
        var numbers = loaded.Weights.ToDictionary(weight => weight.Key, weight => Array.ConvertAll(weight.Value, number => (double)number));
        if (x is not null)
        {
            numbers[Features] = Array.ConvertAll(x.Span.ToArray(), number => (double)number);
        }

        long start = Stopwatch.GetTimestamp();
        double[] y = Evaluator<double>.Run(loaded.Model.Program, loaded.Graph.Binding, numbers)[Result];
        double runMs = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        using Tensor tensor = Tensor.From(Array.ConvertAll(y, number => (float)number), loaded.Graph.NodeCount, loaded.Model.Options.Out);
        return Finish(line, loaded, tensor, "reference", 1, 0, runMs);
    }

    private RunReport Finish(ParseResult line, LoadedModel loaded, Tensor y, string by, int threadCount, double compileMs, double runMs)
    {
        string path = line.GetRequiredValue(output);
        NpyFile.Write(path, y);
        return new(loaded.Model.Name, loaded.Graph.NodeCount, loaded.Graph.EdgeCount, by, threadCount, compileMs, runMs, path, [.. y.Shape]);
    }
}

/// <summary>What was run.</summary>
/// <param name="Model">The model.</param>
/// <param name="Nodes">The graph's nodes.</param>
/// <param name="Edges">The graph's edges.</param>
/// <param name="By"><c>kernels</c>, with the device where it is not the CPU, or <c>reference</c>.</param>
/// <param name="Threads">The threads used.</param>
/// <param name="CompileMs">The time to compile and bind.</param>
/// <param name="RunMs">The time of the run, the first of its kernels.</param>
/// <param name="Output">The file written.</param>
/// <param name="Shape">The shape of what it holds.</param>
internal sealed record RunReport(string Model, int Nodes, int Edges, string By, int Threads, double CompileMs, double RunMs, string Output,
    IReadOnlyList<long> Shape)
{
    /// <summary>One line.</summary>
    public override string ToString() => $"{Model}: {Format.Count(Nodes)} nodes, {Format.Count(Edges)} edges, {Format.Number(RunMs)} ms by {By}" +
        $" (compiled in {Format.Number(CompileMs)} ms), wrote {Output} [{string.Join(", ", Shape)}]";
}
