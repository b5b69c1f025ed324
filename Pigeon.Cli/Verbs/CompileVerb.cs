using System.CommandLine;
using Pigeon.Compiler;
using Pigeon.Kernels;

namespace Pigeon.Cli;

/// <summary>Compiles a model and writes every stage.</summary>
internal sealed class CompileVerb : Verb
{
    private const string ProgramFile = ".pig";
    private const long LongestProgram = 1 << 24;
    private static readonly string[] Kinds = ["ir", "plan", "cs", "host", "dot"];

    private readonly Argument<string> model = new("model") { Description = "a model's name, or a program's text in a .pig file", HelpName = "MODEL|FILE.pig" };
    private readonly ModelArguments shape = new();
    private readonly Option<string[]> set = ModelArguments.Set();
    private readonly Option<string?> dataset = new("--dataset") { Description = "a dataset, whose counts the plan is chosen by", HelpName = "name" };
    private readonly Option<string?> graph = Arguments.Path("--graph", "a graph folder or file, in place of a dataset");
    private readonly Option<string[]> emit = Arguments.Words("--emit", "kinds", "what to write: ir, plan, cs, host, dot", Kinds);
    private readonly Option<string> folder = Arguments.RequiredPath("--output", "the folder to write into, and nowhere else", "-o");
    private readonly DataArguments data = new();

    protected override string Name => "compile";

    protected override string Description => "Compile a model, and write what every stage makes of it.";

    public override string Examples => """
          pigeon compile rgat --heads 4 -o out
          pigeon compile rgcn --in 16 --out 8 --set num_bases=30 aggr=add --emit ir,plan -o out
          pigeon compile out/00-author.pig --emit cs --dataset default -o out2

        What --emit writes:
          ir    00-author.pig, then the program after each pass; a .pig file can be compiled again
          plan  plan.txt: every kernel with its steps
          cs    program.cs: one class with the kernels and the host code that launches them
          host  host.txt: buffers, lifetimes and launches in order; the host code itself is in program.cs
          dot   program.dot and kernels.dot for Graphviz, and the same as pictures, program.svg and kernels.svg
        """;

    protected override IEnumerable<Symbol> Symbols => [model, .. shape.Symbols, set, dataset, graph, emit, folder, data.Symbol];

    protected override void Run(ParseResult line, Terminal terminal, CancellationToken cancellation)
    {
        IReadOnlyList<string> kinds = line.Split(emit);
        Arguments.RequireAmong("--emit", kinds, Kinds);
        Program program = Read(line);
        GraphBinding? binding = Bind(line);
        cancellation.ThrowIfCancellationRequested();

        var passes = new List<(string Name, Program Program)>();
        CompiledProgram compiled = ProgramCompiler.Compile(program,
            new() { Graph = binding, Trace = (name, after) => passes.Add((name, after)) });
        var output = new OutputFolder(line.GetRequiredValue(folder));
        foreach (string kind in kinds.Distinct())
        {
            Emit(kind, output, passes, compiled, binding);
        }

        terminal.Note($"{program.Name}: {program.Values.Length} values, {compiled.Plan.Kernels.Count} kernels");
        Report(line, terminal, new(program.Name, compiled.Plan.Kernels.Count, compiled.FromCache, output.Files));
    }

    private Program Read(ParseResult line)
    {
        string name = line.GetRequiredValue(model);
        if (!name.EndsWith(ProgramFile, StringComparison.OrdinalIgnoreCase))
        {
            return shape.Create(line, name, ModelArguments.Parse(line.GetValue(set)!)).Program;
        }

        Option? meaningless = shape.Symbols.OfType<Option>().Append(set).FirstOrDefault(option => line.GetResult(option) is { Implicit: false });
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

    private GraphBinding? Bind(ParseResult line) => (line.GetValue(dataset), line.GetValue(graph)) switch
    {
        (null, null) => null,
        ({ } name, null) => data.Named(line, name).Graph.Binding,
        (null, { } path) => data.Find(line, path).Graph.Binding,
        _ => throw new PigeonException(DiagnosticIds.OptionsConflict, "--dataset is given too", "--graph", "leave out one of them"),
    };

    private static void Emit(string kind, OutputFolder output, List<(string Name, Program Program)> passes, CompiledProgram compiled,
        GraphBinding? binding)
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

                break;
            case "plan":
                output.Write("plan.txt", "the kernels and their steps", compiled.Plan.ToString());
                break;
            case "cs":
                output.Write("program.cs", "the generated C#", compiled.Source.Source);
                break;
            case "host":
                output.Write("host.txt", "buffers and launches", HostText.Write(compiled.Source, binding));
                break;
            default:
                Draw(output, "program", "operators", Diagram.Of(compiled.Plan.Program));
                Draw(output, "kernels", "kernels", Diagram.Of(compiled.Plan));
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

/// <summary>What was compiled.</summary>
/// <param name="Program">The program's name.</param>
/// <param name="Kernels">The number of launches.</param>
/// <param name="FromCache">Whether Roslyn had compiled the same source before.</param>
/// <param name="Files">The files written.</param>
internal sealed record CompileReport(string Program, int Kernels, bool FromCache, IReadOnlyList<WrittenFile> Files);
