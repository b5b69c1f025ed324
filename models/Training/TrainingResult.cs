using System.Collections.Immutable;
using Pigeon.Runtime;

namespace Pigeon.Models;

/// <summary>What a trained model is worth: by the weights of the best epoch, or without validation by the last.</summary>
/// <param name="Record">The run with its history.</param>
/// <param name="Test">The figures on the test split; null where it is empty.</param>
public sealed record TrainingResult(TrainingRecord Record, SplitFigures? Test)
{
    /// <summary>What simple rules come to on the test split, for tasks that have such.</summary>
    public ImmutableArray<SplitFigures> Baselines { get; init; } = [];

    /// <summary>The seed.</summary>
    public ulong Seed => Record.Identity.Seed;

    /// <summary>The task's metric on the validation split; null where there is none.</summary>
    public double? Valid => Record.Best;

    /// <summary>The median wall time of an epoch, in milliseconds.</summary>
    public double EpochMs => Record.History.Select(epoch => epoch.Milliseconds).Order().ElementAt(Record.Epoch / 2);
}
