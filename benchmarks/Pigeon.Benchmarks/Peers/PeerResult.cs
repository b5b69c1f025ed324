namespace Pigeon.Benchmarks;

/// <summary>What one run computes, nodes in the graph's order and weights in Pigeon's layout.</summary>
/// <param name="Output">The nodes' rows; null where the workload returns none.</param>
/// <param name="Loss">The loss; null in inference.</param>
/// <param name="Gradients">The gradient of every weight; none in inference.</param>
/// <param name="Weights">Every weight after the step; none in inference.</param>
internal sealed record PeerResult(float[]? Output, float? Loss, IReadOnlyDictionary<string, float[]> Gradients,
    IReadOnlyDictionary<string, float[]> Weights);
