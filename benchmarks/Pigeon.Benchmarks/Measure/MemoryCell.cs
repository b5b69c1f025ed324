namespace Pigeon.Benchmarks;

/// <summary>What a training step of a model on a graph takes.</summary>
/// <param name="Model">The model, with its heads.</param>
/// <param name="Graph">The graph.</param>
/// <param name="Nodes">Its nodes.</param>
/// <param name="Edges">Its edges.</param>
/// <param name="Threads">Pigeon's threads.</param>
/// <param name="EstimatedBytes">Pigeon's estimate: inputs, weights, outputs and everything between, without the graph.</param>
/// <param name="PeakBytes">
/// The most memory that the process held while it compiled, bound and ran the step, its own code and the graph included; null where the
/// step did not fit or the system does not tell.
/// </param>
/// <param name="StepMs">The CPU time of the second of two steps; null where none ran.</param>
/// <param name="Limit">The bytes that a step may take.</param>
/// <param name="Peers">The formulations in torch.</param>
internal sealed record MemoryCell(string Model, string Graph, int Nodes, int Edges, int Threads, long EstimatedBytes, long? PeakBytes, double? StepMs,
    long Limit, IReadOnlyList<MemoryPeer> Peers);

/// <summary>What a formulation is estimated to take; it is not run.</summary>
/// <param name="Kind">Stock, or by hand.</param>
/// <param name="Variant">The formulation.</param>
/// <param name="EstimatedBytes">The tensors that live at once at its peak, without the graph.</param>
internal sealed record MemoryPeer(PeerKind Kind, string Variant, long EstimatedBytes);
