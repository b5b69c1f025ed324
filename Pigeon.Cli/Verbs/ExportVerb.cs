using System.CommandLine;
using Pigeon.Datasets;

namespace Pigeon.Cli;

/// <summary>Writes a graph as CSV.</summary>
internal sealed class ExportVerb : Verb
{
    private readonly Argument<string> graph = new("graph")
    {
        Description = "a graph folder or file, or the name of a dataset",
        HelpName = "DIR|NAME",
    };

    private readonly Option<string> format = new("--format") { Description = "csv: src,dst,type with a header", HelpName = "format", Required = true };
    private readonly Option<string> file = Arguments.RequiredPath("--output", "the file to write", "-o");
    private readonly Option<string?> nodeTypes = Arguments.Path("--node-types", "also write the type of each node, one a line");
    private readonly DataArguments data = new();

    protected override string Name => "export";

    protected override string Description => "Write the edges of a graph as CSV.";

    public override string Examples => """
          pigeon export default --format csv -o edges.csv --node-types types.csv
        """;

    protected override IEnumerable<Symbol> Symbols => [graph, format, file, nodeTypes, data.Symbol];

    protected override void Run(ParseResult line, Terminal terminal, CancellationToken cancellation)
    {
        Arguments.RequireAmong("--format", [line.GetRequiredValue(format)], "csv");
        GraphDataset dataset = data.Find(line, line.GetRequiredValue(graph));
        string edges = line.GetRequiredValue(file);
        OutputFile.Write(edges, stream => CsvGraph.WriteEdges(dataset.Graph, stream));
        string? types = line.GetValue(nodeTypes);
        if (types is not null)
        {
            OutputFile.Write(types, stream => CsvGraph.WriteNodeTypes(dataset.Graph, stream));
        }

        terminal.Note($"wrote {edges}{(types is null ? "" : $" and {types}")}");
        if (IsJson(line))
        {
            Json.Write(terminal, new ExportReport(edges, types, dataset.Graph.NodeCount, dataset.Graph.EdgeCount));
        }
    }
}

/// <summary>What was exported.</summary>
internal sealed record ExportReport(string Path, string? NodeTypes, int Nodes, int Edges);
