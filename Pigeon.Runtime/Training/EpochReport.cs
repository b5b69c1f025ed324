namespace Pigeon.Runtime;

/// <summary>What one epoch came to.</summary>
/// <param name="Epoch">Its number, from 1.</param>
/// <param name="Loss">The mean loss of its steps, each taken before the step changed the weights.</param>
/// <param name="Validation">The metric on the validation rows after the epoch, larger is better; null where there are none.</param>
/// <param name="Milliseconds">The wall time of its steps, without validation and checkpoints.</param>
public sealed record EpochReport(int Epoch, double Loss, double? Validation, double Milliseconds);
