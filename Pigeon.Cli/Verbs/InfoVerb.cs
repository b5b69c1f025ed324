using System.CommandLine;

namespace Pigeon.Cli;

/// <summary>Counts a graph.</summary>
internal sealed class InfoVerb : Verb
{
    private readonly Argument<string> graph = new("graph")
    {
        Description = "a graph folder or file, or the name of a dataset",
        HelpName = "DIR|NAME",
    };

    private readonly DataArguments data = new();

    protected override string Name => "info";

    protected override string Description => "Count a graph: nodes, edges, types, skew, compaction and memory.";

    public override string Examples => """
          pigeon info default
          pigeon info my-graph --json
        """;

    protected override IEnumerable<Symbol> Symbols => [graph, data.Symbol];

    protected override void Run(ParseResult line, Terminal terminal, CancellationToken cancellation)
    {
        GraphReport report = GraphReport.Of(data.Find(line, line.GetRequiredValue(graph)));
        if (IsJson(line))
        {
            Json.Write(terminal, report);
        }
        else
        {
            report.Write(terminal);
        }
    }
}
