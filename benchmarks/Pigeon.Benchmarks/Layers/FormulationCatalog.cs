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
            new(PeerKind.TorchStock, "RGCNConv", (g, t) => RgcnRelationLoop.Bytes(g, o, t), (g, p) => new RgcnRelationLoop(g, o, p)),
            new(PeerKind.TorchStock, "FastRGCNConv", (g, t) => RgcnWeightPerEdge.Bytes(g, o, t), (g, p) => new RgcnWeightPerEdge(g, o, p)),
            new(PeerKind.TorchByHand, "aggregate first", (g, t) => RgcnAggregateFirst.Bytes(g, o, t),
                (g, p) => new RgcnAggregateFirst(g, o, p)),
            new(PeerKind.TorchByHand, "compact", (g, t) => RgcnCompact.Bytes(g, o, t), (g, p) => new RgcnCompact(g, o, p)),
        ],
        RgatOptions o =>
        [
            new(PeerKind.TorchStock, "RGATConv", (g, t) => RgatWeightPerEdge.Bytes(g, o, t), (g, p) => new RgatWeightPerEdge(g, o, p)),
            new(PeerKind.TorchByHand, "compact", (g, t) => RgatCompact.Bytes(g, o, t), (g, p) => new RgatCompact(g, o, p)),
        ],
        HgtOptions o =>
        [
            new(PeerKind.TorchStock, "HGTConv", (g, t) => HgtConv.Bytes(g, o, t), (g, p) => new HgtConv(g, o, p)),
            new(PeerKind.TorchByHand, "folded weights", (g, t) => HgtFolded.Bytes(g, o, t), (g, p) => new HgtFolded(g, o, p)),
        ],
        _ => throw new ArgumentException($"{model.Name} has no formulation in torch", nameof(model)),
    };
}
