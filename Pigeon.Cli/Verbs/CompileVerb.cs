using System.CommandLine;
using Pigeon.Compiler;
using Pigeon.Datasets;
using Pigeon.Kernels;
using Pigeon.Models;
using Pigeon.Runtime;

namespace Pigeon.Cli;

/// <summary>Compiles a model and writes every stage.</summary>
internal sealed class CompileVerb : Verb
{
    private const string ProgramFile = ".pig";
    private const long LongestProgram = 1 << 24;
    private const string Traffic = "traffic";
    private const string ReportedGraph = "gen:aifb@0.02";
    private static readonly string[] Common = ["ir", "plan", "dot"];
    private static readonly string[] OfCpu = ["cs", "host"];
    private static readonly string[] OfGpu = ["cu", "ptx", "cubin", "report", Traffic];

    private readonly Argument<string> model = new("model") { Description = "a model's name, or a program's text in a .pig file", HelpName = "MODEL|FILE.pig" };
    private readonly ModelArguments shape = new();
    private readonly Option<string[]> set = ModelArguments.Set();
    private readonly Option<string?> dataset = new("--dataset") { Description = "a dataset, whose counts (those of a batch for epignn and tpgn) the plan is chosen by", HelpName = "name" };
    private readonly Option<string?> graph = Arguments.Path("--graph", "a graph folder or file, in place of a dataset");
    private readonly Option<string[]> emit = Arguments.Words("--emit", "kinds",
        "what to write: ir, plan, dot; cs and host for the CPU; cu, ptx, cubin, report and traffic for a GPU; all but traffic unless given");

    private readonly Option<string> target = new("--target")
    {
        Description = "cpu, or a GPU: cuda:sm_80, cuda:sm_86, cuda:sm_89, cuda:sm_90",
        HelpName = "target",
        DefaultValueFactory = _ => CudaTarget.Cpu,
    };

    private readonly Option<string> precision = PrecisionArguments.Option();
    private readonly Option<bool> atomics = AtomicArguments.Option();
    private readonly Option<string> storage = StorageArguments.Option();
    private readonly Option<bool> training = new("--training") { Description = "compile a training step: forward, loss, backward and Adam" };
    private readonly Option<string> folder = Arguments.RequiredPath("--output", "the folder to write into, and nowhere else", "-o");
    private readonly DataArguments data = new();

    protected override string Name => "compile";

    protected override string Description => "Compile a model, and write what every stage makes of it.";

    public override string Examples => """
          pigeon compile rgat --heads 4 -o out
          pigeon compile rgcn --in 16 --out 8 --set num_bases=30 aggr=add --emit ir,plan -o out
          pigeon compile out/00-author.pig --emit cs --dataset default -o out2
          pigeon compile hgt --training --target cuda:sm_90 --emit cu,report -o out
          pigeon compile rgcn --target cuda:sm_90 --precision tf32 -o out
          pigeon compile rgcn --training --target cuda:sm_90 --atomics -o out
          pigeon compile rgat --storage bf16 --emit plan,cs -o out
          pigeon compile tpgn --dataset etth1 --set horizon=336 --training -o out

        What --emit writes:
          ir    00-author.pig, then the program after each pass; a .pig file can be compiled again
          plan  plan.txt: every kernel with its steps
          cs    program.cs: one class with the kernels and the host code that launches them
          host  host.txt: buffers, lifetimes and launches in order; the host code itself is in program.cs
          dot   program.dot and kernels.dot for Graphviz, and the same as pictures, program.svg and kernels.svg
          cu    program.cu and the templates that it includes, *.cuh
          ptx   program.ptx
          cubin program.cubin
          report  report.txt and report.json, of every kernel: registers, spills, shared memory, occupancy; instructions, sectors and
                bank conflicts of a simulated run on the graph, or on a generated one; FLOPs, bytes and predicted times
          traffic  traffic.txt: the bytes of a simulated run, beside the plan's lower bound and the program operator by operator
        """;

    protected override IEnumerable<Symbol> Symbols => [model, .. shape.Symbols, set, training, target, precision, atomics, storage, dataset, graph, emit, folder, data.Symbol];

    protected override void Run(ParseResult line, Terminal terminal, CancellationToken cancellation)
    {
        int? architecture = CudaTarget.Parse(line.GetValue(target)!);
        string[] known = [.. Common, .. architecture is null ? OfCpu : OfGpu];
        IReadOnlyList<string> kinds = line.Split(emit);
        Arguments.RequireAmong("--emit", kinds, known);
        kinds = kinds.Count == 0 ? [.. known.Where(k => k != Traffic)] : kinds;
        string name = line.GetRequiredValue(model);
        ITaskModel? task = shape.OfTask(line, name);
        (Program program, GraphBinding? binding) = task is { } ofTask ? OfTask(line, ofTask) : (Read(line, name), Graph(line)?.Binding);
        cancellation.ThrowIfCancellationRequested();

        var passes = new List<(string Name, Program Program)>();
        CompileOptions options = new()
        {
            Graph = binding,
            Machine = PlanArguments.Machine,
            Threads = CompileOptions.AnyThreads,
            FixedWeights = !line.GetValue(training),
            Storage = line.Storage(storage),
            AtomicSums = line.GetValue(atomics),
            Trace = (name, after) => passes.Add((name, after)),
        };
        Plan plan;
        bool fromCache;
        CompiledCuda? nvrtc = null;
        Action<string, OutputFolder> emitted;
        GemmPrecision products = line.Precision(precision);
        if (architecture is { } number)
        {
            StorageArguments.RequireF32(options.Storage);
            plan = ProgramCompiler.Plan(program, GpuCompiler.For(number, options));
            CudaSource source = CudaEmitter.Emit(plan, products, options.AtomicSums);
            nvrtc = kinds.All(k => k is "cu" || Common.Contains(k)) ? null
                : Nvrtc.Compile(new(program.Name, source.Source, source.Headers), number, ImageCache.Default());
            fromCache = nvrtc?.FromCache ?? false;
            emitted = (kind, output) => EmitCuda(kind, output, new(program, plan, source, nvrtc, number, products, Reported(line, task, binding)));
        }
        else
        {
            PrecisionArguments.RequireF32(products, "--target");
            AtomicArguments.RequireGpu(options.AtomicSums, "--target");
            CompiledProgram compiled = ProgramCompiler.Compile(program, options);
            plan = compiled.Plan;
            fromCache = compiled.FromCache;
            emitted = (kind, output) => EmitCSharp(kind, output, compiled, binding);
        }

        var output = new OutputFolder(line.GetRequiredValue(folder));
        foreach (string kind in kinds.Distinct())
        {
            if (!Emit(kind, output, passes, plan))
            {
                emitted(kind, output);
            }
        }

        terminal.Note($"{program.Name}: {program.Values.Length} values, {plan.Kernels.Count} kernels");
        if (nvrtc is not null)
        {
            terminal.Note($"NVRTC: one program, {Format.Number(nvrtc.Milliseconds)} ms{(fromCache ? " from the cache" : "")}");
        }

        Report(line, terminal, new(program.Name, plan.Kernels.Count, fromCache, output.Files, nvrtc?.Milliseconds));
    }

    private (Program Program, GraphBinding? Batch) OfTask(ParseResult line, ITaskModel ofTask)
    {
        var options = ModelArguments.Parse(line.GetValue(set)!);
        bool isTraining = line.GetValue(training);
        Program program = ModelArguments.WorkOf(ofTask, options, isTraining, line.GetValue(graph)).Program;
        return (program, line.GetValue(dataset) is { } name ? ofTask.Batch(options, name, data.Folder(line), isTraining) : null);
    }

    private Program Read(ParseResult line, string name)
    {
        if (!name.EndsWith(ProgramFile, StringComparison.OrdinalIgnoreCase))
        {
            ModelProgram created = shape.Create(line, name, ModelArguments.Parse(line.GetValue(set)!));
            return line.GetValue(training) ? BenchWork.OfTraining(created).Program : created.Program;
        }

        Option? meaningless = shape.Symbols.OfType<Option>().Append(set).Append(training).FirstOrDefault(option => line.GetResult(option) is { Implicit: false });
        return meaningless is null
            ? ProgramParser.Parse(ReadText(name), name)
            : throw new PigeonException(DiagnosticIds.OptionsConflict, "a program's text fixes what it would change", meaningless.Name, "leave it out");
    }

    private static string ReadText(string path)
    {
        try
        {
            return new FileInfo(path).Length <= LongestProgram ? File.ReadAllText(path) : throw new IOException("it is longer than 16 MiB");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new PigeonException(new Diagnostic(DiagnosticIds.FileAccess, $"it can't be read: {e.Message}", path), e);
        }
    }

    private HeteroGraph? Graph(ParseResult line) => (line.GetValue(dataset), line.GetValue(graph)) switch
    {
        (null, null) => null,
        ({ } name, null) => data.Named(line, name).Graph,
        (null, { } path) => data.Find(line, path).Graph,
        _ => throw new PigeonException(DiagnosticIds.OptionsConflict, "--dataset is given too", "--graph", "leave out one of them"),
    };

    /// <summary>The graph whose counts a report has: the one given, for a model of graphs otherwise a generated one; null for other programs.</summary>
    private (string Name, GraphBinding Binding)? Reported(ParseResult line, ITaskModel? task, GraphBinding? given) =>
        given is not null ? (line.GetValue(dataset) ?? line.GetValue(graph)!, given)
        : task is null && !line.GetRequiredValue(model).EndsWith(ProgramFile, StringComparison.OrdinalIgnoreCase)
            ? (ReportedGraph, DatasetRegistry.Open(ReportedGraph, null).Graph.Binding)
        : null;

    /// <summary>Writes what every target has; whether it was that.</summary>
    private static bool Emit(string kind, OutputFolder output, List<(string Name, Program Program)> passes, Plan plan)
    {
        switch (kind)
        {
            case "ir":
                for (int i = 0; i < passes.Count; i++)
                {
                    string text = passes[i].Program.ToString();
                    string change = i > 0 && text == passes[i - 1].Program.ToString() ? " (unchanged)" : "";
                    output.Write($"{i:00}-{passes[i].Name}{ProgramFile}",
                        $"the program {(i == 0 ? "as written" : $"after {passes[i].Name}")}{change}", text);
                }

                return true;
            case "plan":
                output.Write("plan.txt", "the kernels and their steps", plan.ToString());
                return true;
            case "dot":
                Draw(output, "program", "operators", Diagram.Of(plan.Program));
                Draw(output, "kernels", "kernels", Diagram.Of(plan));
                return true;
            default:
                return false;
        }
    }

    private static void EmitCSharp(string kind, OutputFolder output, CompiledProgram compiled, GraphBinding? binding)
    {
        if (kind == "cs")
        {
            output.Write("program.cs", "the generated C#", compiled.Source.Source);
        }
        else
        {
            output.Write("host.txt", "buffers and launches", HostText.Write(compiled.Source, binding));
        }
    }

    private static void EmitCuda(string kind, OutputFolder output, CudaWork work)
    {
        switch (kind)
        {
            case "cu":
                output.Write("program.cu", "the generated CUDA C++", work.Source.Source);
                foreach ((string name, string text) in work.Source.Headers)
                {
                    output.Write(name, "a template that it includes", text);
                }

                break;
            case "ptx":
                output.Write("program.ptx", "the kernels as PTX", work.Compiled!.Image.Ptx);
                break;
            case "cubin":
                output.Write("program.cubin", $"machine code for sm_{work.Architecture}", work.Compiled!.Image.Cubin.AsSpan());
                break;
            case Traffic:
                (string on, GraphBinding binding) = work.Graph ?? throw new PigeonException(DiagnosticIds.OptionsConflict,
                    "traffic is counted on a graph", "--emit traffic", "give --dataset or --graph");
                output.Write("traffic.txt", "bytes of a simulated run", $"{work.Program.Name} on {on}\n{GpuTraffic.Of(work.Program, binding)}\n");
                break;
            default:
                GpuReport report = GpuReport.Of(work.Plan, work.Source, work.Compiled!, work.Architecture, work.Precision, work.Graph);
                output.Write("report.txt", "registers, occupancy, simulated counts, predicted times", CudaReport.Write(report));
                output.Write("report.json", "the same", Json.Text(report));
                break;
        }
    }

    private static void Draw(OutputFolder output, string name, string content, Diagram diagram)
    {
        output.Write(name + ".dot", $"the graph of {content}, for Graphviz", DotWriter.Write(diagram));
        output.Write(name + ".svg", $"the graph of {content}, drawn", SvgWriter.Write(diagram));
    }

    private void Report(ParseResult line, Terminal terminal, CompileReport report)
    {
        if (IsJson(line))
        {
            Json.Write(terminal, report);
            return;
        }

        var table = new Table("file", ">bytes", "what it is");
        foreach (WrittenFile file in report.Files)
        {
            table.Add(file.Path, Format.Count(file.Bytes), file.Content);
        }

        table.Write(terminal);
    }
}

/// <summary>What was compiled for a GPU, with the graph whose counts a report has.</summary>
internal sealed record CudaWork(Program Program, Plan Plan, CudaSource Source, CompiledCuda? Compiled, int Architecture, GemmPrecision Precision,
    (string Name, GraphBinding Binding)? Graph);

/// <summary>What was compiled.</summary>
/// <param name="Program">The program's name.</param>
/// <param name="Kernels">The number of launches.</param>
/// <param name="FromCache">Whether an earlier run had compiled the same source.</param>
/// <param name="Files">The files written.</param>
/// <param name="NvrtcMs">The time of NVRTC, or of finding what it made before; null where it was not asked.</param>
internal sealed record CompileReport(string Program, int Kernels, bool FromCache, IReadOnlyList<WrittenFile> Files, double? NvrtcMs);
