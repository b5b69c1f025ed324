using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Pigeon.Benchmarks;

/// <summary>All cells as JSON, and back.</summary>
[JsonSerializable(typeof(BenchmarkReport))]
[JsonSerializable(typeof(MemoryReport))]
internal sealed partial class ReportJson : JsonSerializerContext
{
    private static readonly ReportJson Indented = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });

    /// <summary>Writes a report.</summary>
    public static void Write(string path, BenchmarkReport report) =>
        File.WriteAllText(path, JsonSerializer.Serialize(report, Indented.BenchmarkReport) + "\n");

    /// <summary>Reads a report.</summary>
    public static BenchmarkReport Read(string path) => JsonSerializer.Deserialize(File.ReadAllText(path), Indented.BenchmarkReport)!;

    /// <summary>Writes the table of memory.</summary>
    public static void Write(string path, MemoryReport report) =>
        File.WriteAllText(path, JsonSerializer.Serialize(report, Indented.MemoryReport) + "\n");

    /// <summary>Reads the table of memory.</summary>
    public static MemoryReport ReadMemory(string path) => JsonSerializer.Deserialize(File.ReadAllText(path), Indented.MemoryReport)!;
}
