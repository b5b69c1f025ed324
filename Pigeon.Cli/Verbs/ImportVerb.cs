using System.CommandLine;
using Pigeon.Datasets;
using Pigeon.Kernels;

namespace Pigeon.Cli;

/// <summary>Turns a published dataset into a graph folder.</summary>
internal sealed class ImportVerb : Verb
{
    private const string DglRules = "dgl";

    private readonly Argument<string> input = new("in") { Description = "the file or folder to read", HelpName = "IN" };
    private readonly Option<string> format = new("--format") { Description = "nt, openke, triples or csv", HelpName = "format", Required = true };
    private readonly Option<string?> rules = new("--rules")
    {
        Description = "how RDF becomes a graph: pyg, or dgl (or dgl-aifb, dgl-mutag, dgl-bgs, dgl-am); otherwise the name of the input tells",
        HelpName = "rules",
    };

    private readonly Option<bool> reverse = new("--reverse") { Description = "add the reverse of every edge (openke, triples)" };
    private readonly Option<string?> nodeTypes = Arguments.Path("--node-types", "a file with the type of each node, one a line (csv)");
    private readonly Option<string[]> labels = new("--labels")
    {
        Description = "files with the class of nodes: FILE with the columns node, class and split, or train=FILE, valid=FILE, test=FILE",
        HelpName = "[split=]file",
        AllowMultipleArgumentsPerToken = true,
    };

    private readonly Option<string[]> columns = Arguments.Words("--label-columns", "node,class", "what these files call the two columns",
        "node", "class");

    private readonly Option<string> folder = Arguments.RequiredPath("--output", "the graph folder to write", "-o");

    protected override string Name => "import";

    protected override string Description => "Read a published dataset into a graph folder (Parquet).";

    public override string Examples => """
          pigeon import --format nt --rules dgl rdf/aifb -o aifb             RDF by DGL's rules, with reverse edges
          pigeon import --format openke kg/FB15K237 -o fb15k                 head tail relation, train facts
          pigeon import --format triples kg/wn18rr --reverse -o wn18rr       names separated by tabs
          pigeon import --format csv edges.csv --node-types t.csv -o g       src,dst,type with a header
          pigeon import --format csv edges.csv --labels labels.csv -o g      node,class,split: what train learns
        """;

    protected override IEnumerable<Symbol> Symbols => [input, format, rules, reverse, nodeTypes, labels, columns, folder];

    protected override void Run(ParseResult line, Terminal terminal, CancellationToken cancellation)
    {
        string target = line.GetRequiredValue(folder);
        GraphDataset dataset = WithLabels(line, Read(line));
        cancellation.ThrowIfCancellationRequested();
        GraphFolder.Write(target, dataset, cancellation);
        terminal.Note($"wrote {target}");
        GraphReport report = GraphReport.Of(dataset);
        if (IsJson(line))
        {
            Json.Write(terminal, report);
        }
        else
        {
            report.Write(terminal);
        }
    }

    private GraphDataset Read(ParseResult line)
    {
        string path = line.GetRequiredValue(input);
        string kind = line.GetRequiredValue(format);
        Arguments.RequireAmong("--format", [kind], "nt", "openke", "triples", "csv");
        RequireOnlyFor(line, rules, kind is "nt", kind);
        RequireOnlyFor(line, reverse, kind is "openke" or "triples", kind);
        RequireOnlyFor(line, nodeTypes, kind is "csv", kind);
        return kind switch
        {
            "nt" => Rules(line, path).ToGraph(NTriples.Read(path), Path.GetFileName(Path.TrimEndingDirectorySeparator(path))),
            "openke" => OpenKeTriples.Read(path).ToGraph(reverse: line.GetValue(reverse)),
            "triples" => TextTriples.Read(path).ToGraph(reverse: line.GetValue(reverse)),
            _ => CsvGraph.Read(path, new CsvGraphOptions { NodeTypesPath = line.GetValue(nodeTypes) }),
        };
    }

    private GraphDataset WithLabels(ParseResult line, GraphDataset dataset)
    {
        if (line.GetValue(labels) is not { Length: > 0 } files)
        {
            return dataset;
        }

        IReadOnlyList<string> names = line.Split(columns);
        if (names.Count != 2)
        {
            throw new PigeonException(DiagnosticIds.OptionValue, $"{names.Count} names are not two", columns.Name,
                "give the node's column, then the class's");
        }

        bool isRdf = line.GetRequiredValue(format) == "nt";
        Func<string, string?>? nameOf = isRdf ? Rules(line, line.GetRequiredValue(input)).NodeNameOf : null;
        return dataset with { Labels = LabelFiles.Read([.. files.Select(file => LabelFile.Parse(file, names[0], names[1]))], dataset, nameOf) };
    }

    private RdfRules Rules(ParseResult line, string path)
    {
        string? name = line.GetValue(rules);
        RdfRules detected = RdfRules.Detect(path);
        if (name is DglRules && detected == RdfRules.Pyg)
        {
            throw new PigeonException(DiagnosticIds.RdfRules, "the name does not tell which of DGL's datasets it is", path,
                "use --rules dgl-aifb, dgl-mutag, dgl-bgs or dgl-am");
        }

        return name is null or DglRules ? detected : RdfRules.Parse(name);
    }

    private static void RequireOnlyFor(ParseResult line, Option option, bool applies, string kind)
    {
        if (!applies && line.GetResult(option) is { Implicit: false })
        {
            throw new PigeonException(DiagnosticIds.OptionsConflict, $"it means nothing for --format {kind}", option.Name, "leave it out");
        }
    }
}
