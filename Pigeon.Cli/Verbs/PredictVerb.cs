using System.CommandLine;

namespace Pigeon.Cli;

/// <summary>Writes what a checkpoint predicts.</summary>
internal sealed class PredictVerb : Verb
{
    private readonly CheckpointArguments checkpoint = new();
    private readonly Option<string> output = Arguments.RequiredPath("--output",
        "for nodes: scores as .npy, float32 [nodes, classes], or the class of each as .csv", "-o");

    protected override string Name => "predict";

    protected override string Description => "Write what a checkpoint predicts: the scores or the classes of every node.";

    public override string Examples => """
          pigeon predict my-run/last.safetensors --dataset aifb-pyg -o scores.npy
          pigeon predict my-run/last.safetensors --dataset aifb-pyg -o classes.csv
        """;

    protected override IEnumerable<Symbol> Symbols => checkpoint.Symbols.Append(output);

    protected override void Run(ParseResult line, Terminal terminal, CancellationToken cancellation)
    {
        string path = line.GetRequiredValue(output);
        using LoadedCheckpoint loaded = checkpoint.Load(line);
        string written = loaded.Model.Predict(new(path));
        terminal.Note($"wrote {path}: {written}");
    }
}
