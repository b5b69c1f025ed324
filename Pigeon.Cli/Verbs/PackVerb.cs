using System.CommandLine;
using Pigeon.Compiler;
using Pigeon.Datasets;
using Pigeon.Kernels;
using Pigeon.Models;
using Pigeon.Runtime;

namespace Pigeon.Cli;

/// <summary>Compiles a model ahead of time, and puts it into one file with its weights.</summary>
internal sealed class PackVerb : Verb
{
    private const string DefaultTarget = "cuda:sm_80";
    private const string F32 = "f32";
    private const ulong Seed = 0;

    private readonly Argument<string> model = new("model") { Description = "a model's name; pigeon models lists them", HelpName = "MODEL" };
    private readonly Option<string> dataset = new("--dataset")
    {
        Description = "the graph that the plan is chosen for and that the pack holds: a dataset's name, or a graph folder or file",
        HelpName = "name",
        Required = true,
    };

    private readonly Option<string?> weights = Arguments.Path("--weights",
        "a checkpoint that train wrote, or safetensors under the names of PyG's state dict; without the option, random ones");

    private readonly ModelArguments shape = new();
    private readonly Option<string[]> set = ModelArguments.Set();
    private readonly Option<string> target = new("--target")
    {
        Description = "the GPU that machine code is made for, as for compile; its PTX serves later ones. cpu for no kernels of GPUs",
        HelpName = "target",
        DefaultValueFactory = _ => DefaultTarget,
    };

    private readonly Option<string> precision = PrecisionArguments.Option();
    private readonly Option<string> storage = StorageArguments.Option();
    private readonly Option<string> file = Arguments.RequiredPath("--output", "the file to write", "-o");
    private readonly DataArguments data = new();

    protected override string Name => "pack";

    protected override string Description =>
        "Compile a model ahead of time into one file with its weights, which is served without a compiler.";

    public override string Examples => """
          pigeon pack rgcn --dataset aifb-pyg --weights my-run/best.safetensors -o model.pigeon
          pigeon pack rgat --dataset my-graph --weights pyg.safetensors --set heads=4 -o model.pigeon
          pigeon pack rgcn --dataset my-graph --in 64 --out 64 --precision tf32 -o model.pigeon
          pigeon pack hgt --dataset default --in 64 --out 64 --target cpu --storage bf16 -o model.pigeon

        --storage bf16 is for the kernels of the CPU; those of a GPU keep rows in f32.
        docs/packs.md tells what a pack holds; samples/Serve is a program of 40 lines that serves one.
        """;

    protected override IEnumerable<Symbol> Symbols => [model, dataset, weights, .. shape.Symbols, set, target, precision, storage, file, data.Symbol];

    protected override void Run(ParseResult line, Terminal terminal, CancellationToken cancellation)
    {
        int? architecture = CudaTarget.Parse(line.GetValue(target)!);
        GemmPrecision products = line.Precision(precision);
        if (architecture is null)
        {
            PrecisionArguments.RequireF32(products, "--target");
        }

        (Program program, HeteroGraph graph, Dictionary<string, Tensor> tensors) = Open(line);
        try
        {
            cancellation.ThrowIfCancellationRequested();
            CompiledProgram compiled = ProgramCompiler.Compile(program, new()
            {
                Graph = graph.Binding,
                Machine = PlanArguments.Machine,
                Threads = CompileOptions.AnyThreads,
                FixedWeights = true,
                Storage = line.Storage(storage),
            });
            cancellation.ThrowIfCancellationRequested();
            GpuProgram? gpu = Gpu(line, terminal, architecture, program, graph.Binding, products);
            var pack = new ModelPack
            {
                Model = line.GetRequiredValue(model),
                Plan = compiled.Plan.ToString(),
                Host = compiled.Image,
                HostClass = $"{CSharpEmitter.Namespace}.{compiled.Source.ClassName}",
                Lanes = compiled.Source.Lanes,
                Gpu = gpu,
                GpuPrecision = gpu is null ? F32 : line.GetValue(precision)!,
                Graph = graph,
                Weights = tensors,
            };
            string path = line.GetRequiredValue(file);
            pack.Write(path);
            var report = new PackReport(pack.Model, graph.NodeCount, graph.EdgeCount, tensors.Count, pack.Gpu is not null, pack.GpuPrecision, path, new FileInfo(path).Length);
            terminal.Note(report.ToString());
            if (IsJson(line))
            {
                Json.Write(terminal, report);
            }
        }
        finally
        {
            foreach (Tensor tensor in tensors.Values)
            {
                tensor.Dispose();
            }
        }
    }

    /// <summary>The kernels of GPUs; none where they are not asked for, or where nobody asked in particular and there is no compiler.</summary>
    private GpuProgram? Gpu(ParseResult line, Terminal terminal, int? architecture, Program program, GraphBinding graph,
        GemmPrecision products)
    {
        if (architecture is not { } number)
        {
            return null;
        }

        if (line.GetResult(target) is not { Implicit: false } && line.GetResult(precision) is not { Implicit: false } && Nvrtc.Missing is { } reason)
        {
            terminal.Note($"without kernels for GPUs: {reason}");
            return null;
        }

        return GpuCompiler.Compile(program, graph, number, products, fixedWeights: true).Program;
    }

    private (Program Program, HeteroGraph Graph, Dictionary<string, Tensor> Weights) Open(ParseResult line)
    {
        string name = line.GetRequiredValue(model);
        string graphName = line.GetRequiredValue(dataset);
        Dictionary<string, string> options = ModelArguments.Parse(line.GetValue(set)!);
        if (line.GetValue(weights) is not { } path)
        {
            HeteroGraph graph = data.Find(line, graphName).Graph;
            Program program = shape.Create(line, name, options).Program;
            return (program, graph, Tensors(program, graph, RandomWeights.Create(program, graph.Binding, Seed)));
        }

        if (Array.Find([.. shape.Symbols.OfType<Option>()], option => line.GetResult(option) is { Implicit: false }) is { } given)
        {
            throw new PigeonException(DiagnosticIds.OptionsConflict, "widths and heads are read off the weights", given.Name, "leave it out");
        }

        using SafetensorsFile file = SafetensorsFile.Open(path);
        if (Checkpoint.IsOne(file))
        {
            return OpenCheckpoint(line, path, name, graphName, options);
        }

        LoadedModel loaded = ModelCatalog.Find(name).Load(file, data.Find(line, graphName).Graph, options);
        return (loaded.Model.Program, loaded.Graph, Tensors(loaded.Model.Program, loaded.Graph, loaded.Weights));
    }

    private (Program, HeteroGraph, Dictionary<string, Tensor>) OpenCheckpoint(ParseResult line, string path, string name, string graphName,
        Dictionary<string, string> options)
    {
        using Checkpoint checkpoint = Checkpoint.Open(path);
        Recipe recipe = Recipe.Of(checkpoint.Record);
        if (recipe.Model != name || options.Count > 0)
        {
            throw new PigeonException(DiagnosticIds.OptionsConflict, $"the checkpoint is of a {recipe.Model} with options of its own",
                options.Count > 0 ? "--set" : "MODEL", options.Count > 0 ? "leave it out" : $"pack {recipe.Model}");
        }

        GraphDataset graph = data.Find(line, graphName);
        if (recipe.Task.Open(recipe, data.ForTask(line, graphName)) is not NodeClassification task)
        {
            throw new PigeonException(DiagnosticIds.NotPacked, $"a {recipe.Model} of the task {recipe.Task.GetType().Name} can't be packed", path,
                "pack a node classifier, or weights of PyG");
        }

        Program program = task.ForwardOf(checkpoint);
        var tensors = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        foreach (Operator.Weight weight in program.Values.OfType<Operator.Weight>())
        {
            tensors[weight.Name] = checkpoint.Read(weight.Name);
        }

        return (program, graph.Graph, tensors);
    }

    private static Dictionary<string, Tensor> Tensors(Program program, HeteroGraph graph, IReadOnlyDictionary<string, float[]> numbers) =>
        program.Values.OfType<Operator.Weight>().ToDictionary(w => w.Name, w => Tensor.From(numbers[w.Name],
            [graph.Binding.SizeOf(w.Type.Space), .. w.Type.Row.Extents.Items.Select(e => (long)e)]), StringComparer.Ordinal);
}

/// <summary>What was packed.</summary>
/// <param name="Model">The model.</param>
/// <param name="Nodes">The graph's nodes.</param>
/// <param name="Edges">The graph's edges.</param>
/// <param name="Weights">The number of weights.</param>
/// <param name="HasGpu">Whether it has kernels for GPUs.</param>
/// <param name="GpuPrecision">What their GEMMs multiply in.</param>
/// <param name="Path">The file.</param>
/// <param name="Bytes">Its size.</param>
internal sealed record PackReport(string Model, int Nodes, int Edges, int Weights, bool HasGpu, string GpuPrecision, string Path, long Bytes)
{
    /// <summary>One line.</summary>
    public override string ToString() => $"{Model}: wrote {Path}, {Format.Count(Bytes)} bytes: {Weights} weights, a graph of {Format.Count(Nodes)} nodes and " +
        $"{Format.Count(Edges)} edges, kernels for the CPU{(HasGpu ? $" and for GPUs, which multiply in {GpuPrecision}" : "")}";
}
