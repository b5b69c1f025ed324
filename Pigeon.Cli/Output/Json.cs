using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Pigeon.Cli;

/// <summary>Writes results as JSON: indented, names in camel case, numbers as every machine reads them.</summary>
internal static class Json
{
    private static readonly JsonReports Reports = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });

    /// <summary>Writes one report.</summary>
    public static void Write<T>(Terminal terminal, T report) =>
        terminal.Out.WriteLine(Text(report));

    /// <summary>The text of one report.</summary>
    public static string Text<T>(T report) => JsonSerializer.Serialize(report, (JsonTypeInfo<T>)Reports.GetTypeInfo(typeof(T))!);
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
[JsonSerializable(typeof(ModelsReport))]
[JsonSerializable(typeof(RunReport))]
[JsonSerializable(typeof(TrainReport))]
internal sealed partial class JsonReports : JsonSerializerContext;
