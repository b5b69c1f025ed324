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
        Description = "a checkpoint that train wrote",
        HelpName = "CHECKPOINT",
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

    /// <summary>Opens the checkpoint and readies its model.</summary>
    /// <param name="line">The command line.</param>
    /// <param name="testFile">A file of test rows to be judged by in place of the dataset's own; null for none.</param>
    /// <exception cref="PigeonException">PG025x: it can't be used, or was trained on another dataset.</exception>
    public LoadedCheckpoint Load(ParseResult line, string? testFile = null)
    {
        using var opened = Checkpoint.Open(line.GetRequiredValue(checkpoint));
        var recipe = Recipe.Of(opened.Record);
        if (testFile is not null && recipe.Task is not RelationQuerySettings)
        {
            throw new PigeonException(DiagnosticIds.OptionsConflict, $"a {recipe.Model} of this task is judged on its dataset alone", "--test",
                "leave it out");
        }

        string name = line.GetValue(dataset) ?? recipe.Dataset;
        ITask task = recipe.Task.Open(recipe, data.ForTask(line, name, testFile));
        return new(opened.Record, name, task, task.Load(opened, line.GetValue(threads)));
    }
}
