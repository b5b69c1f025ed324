using System.Text.Json.Serialization;

namespace Pigeon.Benchmarks;

/// <summary>What a peer stands for.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<PeerKind>))]
internal enum PeerKind
{
    /// <summary>Pigeon's compiled kernels.</summary>
    Pigeon,

    /// <summary>Pigeon's program operator by operator, uncompiled.</summary>
    Operators,

    /// <summary>Eager torch, the layer as PyG writes it.</summary>
    TorchStock,

    /// <summary>Eager torch, the layer as well as we can write it.</summary>
    TorchByHand,
}
