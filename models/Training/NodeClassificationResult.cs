using Pigeon.Runtime;

namespace Pigeon.Models;

/// <summary>What a trained node classifier is worth: by the weights of the best epoch, or without validation by the last.</summary>
/// <param name="Record">The run with its history.</param>
/// <param name="Test">The accuracy on the test nodes; null where there are none.</param>
/// <param name="TestMacroF1">The macro-F1 on the test nodes; null where there are none.</param>
public sealed record NodeClassificationResult(TrainingRecord Record, double? Test, double? TestMacroF1)
{
    /// <summary>The seed.</summary>
    public ulong Seed => Record.Identity.Seed;

    /// <summary>The accuracy on the validation nodes; null where there are none.</summary>
    public double? Valid => Record.Best;

    /// <summary>The median wall time of an epoch, in milliseconds.</summary>
    public double EpochMs => Record.History.Select(epoch => epoch.Milliseconds).Order().ElementAt(Record.Epoch / 2);
}
