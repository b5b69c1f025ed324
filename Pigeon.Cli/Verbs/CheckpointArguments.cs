using System.CommandLine;
using Pigeon.Kernels;
using Pigeon.Models;
using Pigeon.Runtime;

namespace Pigeon.Cli;

/// <summary>A checkpoint and the dataset that it is used on.</summary>
internal sealed class CheckpointArguments
{
    private readonly Argument<string> checkpoint = new("checkpoint")
    {
        Description = "a checkpoint that train wrote, the folder of a run, or a model's name for the last of its runs that was kept",
        HelpName = "CHECKPOINT|FOLDER|MODEL",
    };

    private readonly Option<string?> dataset = new("--dataset")
    {
        Description = "the dataset that it was trained on; otherwise by the name that the checkpoint gives",
        HelpName = "name",
    };

    private readonly Option<int> threads = Arguments.Threads(Environment.ProcessorCount);
    private readonly DataArguments data = new();

    /// <summary>The options, in order.</summary>
    public IEnumerable<Symbol> Symbols => [checkpoint, dataset, threads, data.Symbol];

    /// <summary>The checkpoints that are meant: of a run with several seeds one for each.</summary>
    /// <exception cref="PigeonException">PG0512: there is none.</exception>
    public IReadOnlyList<string> Paths(ParseResult line) => KeptRuns.Find(line.GetRequiredValue(checkpoint));

    /// <summary>Opens the one checkpoint that is meant, and readies its model.</summary>
    /// <exception cref="PigeonException">PG0503: there are several. As <see cref="Load(ParseResult, string, IReadOnlyList{string})"/>.</exception>
    public LoadedCheckpoint Load(ParseResult line) => Paths(line) is [var path] ? Load(line, path)
        : throw new PigeonException(DiagnosticIds.OptionsConflict, "there is a run for each of several seeds", line.GetRequiredValue(checkpoint), "name one of its folders");

    /// <summary>Opens a checkpoint and readies its model.</summary>
    /// <param name="line">The command line.</param>
    /// <param name="path">The checkpoint.</param>
    /// <param name="testFiles">Files of test rows to be judged by in place of the dataset's own; null for none.</param>
    /// <exception cref="PigeonException">PG025x: it can't be used, or was trained on another dataset.</exception>
    public LoadedCheckpoint Load(ParseResult line, string path, IReadOnlyList<string>? testFiles = null)
    {
        using var opened = Checkpoint.Open(path);
        var recipe = Recipe.Of(opened.Record);
        if (testFiles is not null && recipe.Task is not RelationQuerySettings)
        {
            throw new PigeonException(DiagnosticIds.OptionsConflict, $"a {recipe.Model} of this task is judged on its dataset alone", "--test",
                "leave it out");
        }

        string name = line.GetValue(dataset) ?? recipe.Dataset;
        ITask task = recipe.Task.Open(recipe, data.ForTask(line, name, testFiles));
        return new(opened.Record, name, task, task.Load(opened, line.GetValue(threads)));
    }
}
