namespace Pigeon.Benchmarks;

/// <summary>A formulation that a model of one layer has in torch.</summary>
/// <param name="Kind">Stock, or by hand.</param>
/// <param name="Name">Its name in reports.</param>
/// <param name="Bytes">The memory that a run takes at its peak, estimated from the tensors that live then; for training or not.</param>
/// <param name="Create">Makes it.</param>
internal sealed record FormulationEntry(PeerKind Kind, string Name, Func<TorchGraph, bool, long> Bytes,
    Func<TorchGraph, Parameters, Layer> Create);
