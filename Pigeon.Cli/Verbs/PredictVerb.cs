using System.CommandLine;

namespace Pigeon.Cli;

/// <summary>Writes what a checkpoint predicts.</summary>
internal sealed class PredictVerb : Verb
{
    private readonly CheckpointArguments checkpoint = new();
    private readonly Option<string> output = Arguments.RequiredPath("--output",
        "for nodes: scores as .npy, float32 [nodes, classes], or the class of each as .csv; for facts: answers as .csv", "-o");

    private readonly Option<string?> queries = Arguments.Path("--queries",
        "a CSV file with the columns head, relation, tail, one end of each row a ?");

    private readonly Option<int> top = Arguments.Count("--top", 10, "how many answers each query gets");

    protected override string Name => "predict";

    protected override string Description => "Write what a checkpoint predicts: the scores or classes of all nodes, or the best answers to queries.";

    public override string Examples => """
          pigeon predict my-run/last.safetensors --dataset aifb-pyg -o scores.npy
          pigeon predict my-run/last.safetensors --dataset aifb-pyg -o classes.csv
          pigeon predict my-run/best.safetensors --queries questions.csv --top 3 -o answers.csv
        """;

    protected override IEnumerable<Symbol> Symbols => [.. checkpoint.Symbols, queries, top, output];

    protected override void Run(ParseResult line, Terminal terminal, CancellationToken cancellation)
    {
        string path = line.GetRequiredValue(output);
        using LoadedCheckpoint loaded = checkpoint.Load(line);
        string written = loaded.Model.Predict(new(path, line.GetValue(queries), line.GetValue(top)));
        terminal.Note($"wrote {path}: {written}");
    }
}
