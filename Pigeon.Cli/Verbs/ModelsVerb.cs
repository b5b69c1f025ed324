using System.Collections.Immutable;
using System.CommandLine;
using Pigeon.Models;

namespace Pigeon.Cli;

/// <summary>Lists the models.</summary>
internal sealed class ModelsVerb : Verb
{
    protected override string Name => "models";

    protected override string Description => "List the models and their options.";

    public override string Examples => """
          pigeon models                 what --set takes, model by model
          pigeon models --json
        """;

    protected override void Run(ParseResult line, Terminal terminal, CancellationToken cancellation)
    {
        (string Name, string Description, ImmutableArray<ModelOption> Options)[] models =
        [
            .. ModelCatalog.All.Select(model => (model.Name, model.Description, model.Options)),
            .. ModelCatalog.OfTasks.Select(model => (model.Name, model.Description, model.Options)),
        ];
        if (IsJson(line))
        {
            Json.Write(terminal, new ModelsReport([.. models.Select(model => new ModelReport(model.Name, model.Description,
                [.. model.Options.Select(o => new OptionReport(o.Name, o.Values, o.Default, o.Meaning))]))]));
            return;
        }

        foreach (var model in models)
        {
            terminal.Out.WriteLine($"{model.Name}: {model.Description}");
            var table = new Table("option", "values", "default", "what it is");
            foreach (ModelOption option in model.Options)
            {
                table.Add(option.Name, option.Values, option.Default, option.Meaning);
            }

            table.Write(terminal);
            terminal.Out.WriteLine();
        }
    }
}

/// <summary>The models.</summary>
internal sealed record ModelsReport(IReadOnlyList<ModelReport> Models);

/// <summary>A model.</summary>
internal sealed record ModelReport(string Name, string Description, IReadOnlyList<OptionReport> Options);

/// <summary>An option of a model.</summary>
internal sealed record OptionReport(string Name, string Values, string Default, string Meaning);
