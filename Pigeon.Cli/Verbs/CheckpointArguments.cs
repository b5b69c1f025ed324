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
    /// <exception cref="PigeonException">PG025x: it can't be used, or was trained on another dataset.</exception>
    public LoadedCheckpoint Load(ParseResult line)
    {
        using var opened = Checkpoint.Open(line.GetRequiredValue(checkpoint));
        var recipe = Recipe.Of(opened.Record);
        string name = line.GetValue(dataset) ?? recipe.Dataset;
        ITask task = recipe.Task.Open(recipe, data.ForTask(line, name));
        return new(opened.Record, name, task, task.Load(opened, line.GetValue(threads)));
    }
}
