using System.CommandLine;
using System.Text;
using Pigeon.Kernels;
using Pigeon.Runtime;

namespace Pigeon.Cli;

/// <summary>Writes what a checkpoint says of every node.</summary>
internal sealed class PredictVerb : Verb
{
    private const string Scores = ".npy";
    private const string Classes = ".csv";

    private readonly CheckpointArguments checkpoint = new();
    private readonly Option<string> output = Arguments.RequiredPath("--output",
        "scores as .npy, float32 [nodes, classes]; or the class of each node as .csv", "-o");

    protected override string Name => "predict";

    protected override string Description => "Write the scores or the classes that a checkpoint gives to every node.";

    public override string Examples => """
          pigeon predict my-run/last.safetensors --dataset aifb-pyg -o scores.npy
          pigeon predict my-run/last.safetensors --dataset aifb-pyg -o classes.csv
        """;

    protected override IEnumerable<Symbol> Symbols => checkpoint.Symbols.Append(output);

    protected override void Run(ParseResult line, Terminal terminal, CancellationToken cancellation)
    {
        string path = line.GetRequiredValue(output);
        string kind = Path.GetExtension(path);
        if (kind is not (Scores or Classes))
        {
            throw new PigeonException(DiagnosticIds.OptionValue, $"'{path}' is neither {Scores} nor {Classes}", "--output");
        }

        using LoadedCheckpoint loaded = checkpoint.Load(line);
        if (kind == Scores)
        {
            NpyFile.Write(path, loaded.Classifier.Scores);
        }
        else
        {
            OutputFile.Write(path, stream => WriteClasses(loaded, stream));
        }

        terminal.Note($"wrote {path}: {Format.Count(loaded.Dataset.Graph.NodeCount)} nodes, {loaded.Labels.ClassNames.Length} classes");
    }

    private static void WriteClasses(LoadedCheckpoint loaded, Stream stream)
    {
        int[] nodes = [.. Enumerable.Range(0, loaded.Dataset.Graph.NodeCount)];
        int[] classes = new int[nodes.Length];
        NodeMetrics.Predict(loaded.Classifier.Scores, nodes, classes.AsSpan());
        var utf8 = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
        using var writer = new StreamWriter(stream, utf8, leaveOpen: true) { NewLine = "\n" };
        writer.WriteLine("node,name,class");
        foreach (int node in nodes)
        {
            writer.WriteLine($"{node},{Quoted(loaded.Dataset.NodeNames?[node] ?? "")},{Quoted(loaded.Labels.ClassNames[classes[node]])}");
        }
    }

    private static string Quoted(string text) =>
        text.AsSpan().ContainsAny(",\"\r\n") ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;
}
