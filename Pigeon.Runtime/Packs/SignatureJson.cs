using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Pigeon.Kernels;

namespace Pigeon.Runtime;

/// <summary>The signature of a program of GPU kernels as JSON. Spaces and maps are arrays that begin with their kind.</summary>
internal static class SignatureJson
{
    private static readonly JsonSerializerOptions Options = new(PackManifest.Json) { Converters = { new SpaceConverter(), new MapConverter() } };

    public static JsonNode Write(GpuProgramSignature signature) => JsonSerializer.SerializeToNode(signature, Options)!;

    public static GpuProgramSignature Read(JsonNode? json) =>
        json.Deserialize<GpuProgramSignature>(Options) ?? throw new JsonException("there is no signature");

    private static JsonArray Of(IndexSpace space) => space switch
    {
        IndexSpace.OneSpace => ["one"],
        IndexSpace.Range s => ["range", s.Count],
        IndexSpace.Declared s => ["declared", s.Name],
        IndexSpace.Distinct s => ["distinct", Of(s.First), Of(s.Second)],
        IndexSpace.Either s => [Name(s.Part), Of(s.Type), Of(s.First), Of(s.Second)],
        IndexSpace.Product s => ["product", Of(s.First), Of(s.Second)],
        IndexSpace.Sorted s => ["sorted", Of(s.By)],
        _ => throw new InvalidOperationException($"no JSON for space {space}"),
    };

    private static string Name(EitherPart part) => part switch
    {
        EitherPart.Pairs => "either",
        EitherPart.Firsts => "firsts",
        EitherPart.Seconds => "seconds",
        EitherPart.ByFirst => "byfirst",
        _ => "bysecond",
    };

    private static JsonArray Of(Map map) => map switch
    {
        Map.Stored m => ["stored", m.Name, Of(m.From), Of(m.To)],
        Map.Identity m => ["identity", Of(m.Space)],
        Map.Unit m => ["unit", Of(m.Space)],
        Map.Composed m => ["composed", Of(m.Outer), Of(m.Inner)],
        Map.Pair m => ["pair", Of(m.First), Of(m.Second)],
        Map.Component m => ["component", Of(m.Pairs), m.Position],
        Map.Into m => ["into", Of(m.Ways)],
        Map.Via m => ["via", Of(m.Ways), Of(m.Whole)],
        Map.Index m => ["index", Of(m.First), Of(m.Second)],
        _ => throw new InvalidOperationException($"no JSON for map {map}"),
    };

    private static IndexSpace Space(JsonElement json) => (json[0].GetString(), json.GetArrayLength()) switch
    {
        ("one", 1) => IndexSpace.One,
        ("range", 2) => new IndexSpace.Range(json[1].GetInt32()),
        ("declared", 2) => new IndexSpace.Declared(json[1].GetString()!),
        ("distinct", 3) => new IndexSpace.Distinct(Map(json[1]), Map(json[2])),
        ("either" or "firsts" or "seconds" or "byfirst" or "bysecond", 4) => new IndexSpace.Either(Map(json[1]), Map(json[2]), Map(json[3]),
            Enum.GetValues<EitherPart>().First(part => Name(part) == json[0].GetString())),
        ("product", 3) => new IndexSpace.Product(Space(json[1]), Space(json[2])),
        ("sorted", 2) when Map(json[1]) is Map.Stored by => new IndexSpace.Sorted(by),
        _ => throw new JsonException("an unknown space"),
    };

    private static Map Map(JsonElement json) => (json[0].GetString(), json.GetArrayLength()) switch
    {
        ("stored", 4) => new Map.Stored(json[1].GetString()!, Space(json[2]), Space(json[3])),
        ("identity", 2) => new Map.Identity(Space(json[1])),
        ("unit", 2) => new Map.Unit(Space(json[1])),
        ("composed", 3) => new Map.Composed(Map(json[1]), Map(json[2])),
        ("pair", 3) => new Map.Pair(Map(json[1]), Map(json[2])),
        ("component", 3) when Space(json[1]) is IndexSpace.Distinct pairs => new Map.Component(pairs, json[2].GetInt32()),
        ("into", 2) when Space(json[1]) is IndexSpace.Either { HasAll: true } ways => new Map.Into(ways),
        ("via", 3) when Space(json[1]) is IndexSpace.Either ways && Map(json[2]) is var whole && Pigeon.Kernels.Map.Determines(ways, whole) =>
            new Map.Via(ways, whole),
        ("index", 3) => new Map.Index(Map(json[1]), Map(json[2])),
        _ => throw new JsonException("an unknown map"),
    };

    private sealed class SpaceConverter : JsonConverter<IndexSpace>
    {
        public override IndexSpace Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => Space(JsonElement.ParseValue(ref reader));

        public override void Write(Utf8JsonWriter writer, IndexSpace value, JsonSerializerOptions options) => Of(value).WriteTo(writer);
    }

    private sealed class MapConverter : JsonConverter<Map>
    {
        public override Map Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => Map(JsonElement.ParseValue(ref reader));

        public override void Write(Utf8JsonWriter writer, Map value, JsonSerializerOptions options) => Of(value).WriteTo(writer);
    }
}
