using System.Text.Json;
using System.Text.Json.Nodes;

namespace Pigeon.Runtime;

/// <summary>The first part of a pack: what the others are.</summary>
/// <param name="Format">The format, <see cref="CurrentFormat"/>.</param>
/// <param name="Contract">The version of the contract between generated code and its host.</param>
/// <param name="Model">The model's name.</param>
/// <param name="HostClass">The class in the host's assembly.</param>
/// <param name="Lanes">The floats of its widest vector.</param>
/// <param name="GpuName">The name of the program of GPU kernels; null where there are none.</param>
/// <param name="Gpu">Its signature.</param>
/// <param name="NodeTypes">The names of the graph's node types.</param>
/// <param name="EdgeTypes">The graph's edge types.</param>
/// <param name="Nodes">The number of nodes.</param>
/// <param name="Edges">The number of edges.</param>
/// <param name="Weights">The weights in the order in which they stand.</param>
/// <param name="Parts">The parts, each with its size and hash.</param>
internal sealed record PackManifest(string Format, int Contract, string Model, string HostClass, int Lanes, string? GpuName, JsonNode? Gpu,
    string[] NodeTypes, EdgeType[] EdgeTypes, int Nodes, int Edges, PackedTensor[] Weights, PackedPart[] Parts)
{
    /// <summary>What the GEMMs of the GPU kernels multiply in; packs that don't say so multiply in f32.</summary>
    public string GpuPrecision { get; init; } = ModelPack.F32;

    /// <summary>The format that this version writes and reads.</summary>
    public const string CurrentFormat = "pigeon pack 2";

    /// <summary>The entry of the manifest, and of its own hash.</summary>
    public const string Name = "manifest.json", HashName = "manifest.sha256";

    /// <summary>The entries of the parts.</summary>
    public const string Plan = "plan.txt", Host = "program.dll", Ptx = "program.ptx", Cubin = "program.cubin", Graph = "graph.i32", WeightsName = "weights.f32";

    /// <summary>How it is written.</summary>
    public static JsonSerializerOptions Json { get; } = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        MaxDepth = 256,
    };
}

/// <summary>A weight in a pack.</summary>
internal sealed record PackedTensor(string Name, long[] Shape);

/// <summary>A part of a pack.</summary>
/// <param name="Name">Its entry.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="Sha256">Its hash, in hexadecimal digits.</param>
internal sealed record PackedPart(string Name, long Bytes, string Sha256);
