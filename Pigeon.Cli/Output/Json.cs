using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Pigeon.Cli;

/// <summary>Writes results as JSON: indented, names in camel case, numbers as every machine reads them.</summary>
internal static class Json
{
    private static readonly JsonReports Reports = Writing(indented: true);
    private static readonly JsonReports Lines = Writing(indented: false);

    /// <summary>Writes one report.</summary>
    public static void Write<T>(Terminal terminal, T report) =>
        terminal.Out.WriteLine(Text(report));

    /// <summary>The text of one report.</summary>
    public static string Text<T>(T report) => JsonSerializer.Serialize(report, (JsonTypeInfo<T>)Reports.GetTypeInfo(typeof(T))!);

    /// <summary>A report in one line.</summary>
    public static string Line<T>(T report) => JsonSerializer.Serialize(report, (JsonTypeInfo<T>)Lines.GetTypeInfo(typeof(T))!);

    /// <summary>Reads a report back.</summary>
    /// <exception cref="JsonException">It is none.</exception>
    public static T? Parse<T>(string text) => JsonSerializer.Deserialize(text, (JsonTypeInfo<T>)Lines.GetTypeInfo(typeof(T))!);

    private static JsonReports Writing(bool indented) => new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        WriteIndented = indented,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}

/// <summary>Every report that the tool prints; the serialisers are generated.</summary>
[JsonSerializable(typeof(BenchReport))]
[JsonSerializable(typeof(CalibrationReport))]
[JsonSerializable(typeof(CompileReport))]
[JsonSerializable(typeof(DatasetsReport))]
[JsonSerializable(typeof(DoctorReport))]
[JsonSerializable(typeof(EvalReport))]
[JsonSerializable(typeof(ExplainReport))]
[JsonSerializable(typeof(ExportReport))]
[JsonSerializable(typeof(PackReport))]
[JsonSerializable(typeof(GpuReport))]
[JsonSerializable(typeof(GraphReport))]
[JsonSerializable(typeof(GridReport))]
[JsonSerializable(typeof(KeptCell))]
[JsonSerializable(typeof(ModelsReport))]
[JsonSerializable(typeof(ProductReport))]
[JsonSerializable(typeof(RunReport))]
[JsonSerializable(typeof(TrainReport))]
internal sealed partial class JsonReports : JsonSerializerContext;
