using Pigeon.Models;

namespace Pigeon.Benchmarks;

/// <summary>The formulations of each model.</summary>
internal static class FormulationCatalog
{
    /// <summary>All formulations of a model of one layer.</summary>
    public static IReadOnlyList<FormulationEntry> Of(ModelProgram model) => model.Options switch
    {
        RgcnOptions o =>
        [
            new(PeerKind.TorchStock, "RGCNConv", (g, t) => RgcnRelationLoop.Bytes(g, o, t), (g, x, p) => new RgcnRelationLoop(g, o, x, p)),
            new(PeerKind.TorchStock, "FastRGCNConv", (g, t) => RgcnWeightPerEdge.Bytes(g, o, t),
                (g, x, p) => new RgcnWeightPerEdge(g, x, p)),
            new(PeerKind.TorchByHand, "aggregate first", (g, t) => RgcnAggregateFirst.Bytes(g, o, t),
                (g, x, p) => new RgcnAggregateFirst(g, x, p)),
            new(PeerKind.TorchByHand, "compact", (g, t) => RgcnCompact.Bytes(g, o, t), (g, x, p) => new RgcnCompact(g, x, p)),
        ],
        _ => [],
    };
}
