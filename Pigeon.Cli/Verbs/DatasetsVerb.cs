using System.CommandLine;
using Pigeon.Datasets;

namespace Pigeon.Cli;

/// <summary>Lists the datasets.</summary>
internal sealed class DatasetsVerb : Verb
{
    private readonly DataArguments data = new();

    protected override string Name => "datasets";

    protected override string Description => "List the datasets, and which of them are here.";

    public override string Examples => """
          pigeon datasets               generated ones are always here
          pigeon datasets --data ~/data
          pigeon info gen:mutag@0.1     a generated one, at a tenth of its size
        """;

    protected override IEnumerable<Symbol> Symbols => [data.Symbol];

    protected override void Run(ParseResult line, Terminal terminal, CancellationToken cancellation)
    {
        string? folder = data.Folder(line);
        DatasetReport[] datasets = [.. DatasetRegistry.Entries.Select(entry => new DatasetReport(entry.Name, entry.Description,
            entry.IsGenerated, entry.IsAvailable(folder)))];
        if (IsJson(line))
        {
            Json.Write(terminal, new DatasetsReport(folder, datasets));
            return;
        }

        var table = new Table("dataset", "here", "what it is");
        foreach (DatasetReport dataset in datasets)
        {
            table.Add(dataset.Name, dataset.IsGenerated ? "generated" : dataset.IsAvailable ? "yes" : "no", dataset.Description);
        }

        table.Write(terminal);
        terminal.Note(folder is null ? "no data folder: set PIGEON_DATA or --data" : $"data folder: {folder}");
    }
}

/// <summary>The datasets.</summary>
internal sealed record DatasetsReport(string? DataFolder, IReadOnlyList<DatasetReport> Datasets);

/// <summary>A dataset.</summary>
internal sealed record DatasetReport(string Name, string Description, bool IsGenerated, bool IsAvailable);
