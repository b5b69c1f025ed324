using System.Text.Json;
using Xunit;

namespace Pigeon.Runtime.Tests;

/// <summary>The fixtures under tests/oracle were written by NumPy and by hand in Python: files that Pigeon didn't write itself.</summary>
public sealed class OracleFixtureTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public static TheoryData<string> Cases => [.. Directory.EnumerateDirectories(Fixtures()).Select(path => Path.GetFileName(path)!).Order()];

    public void Dispose() => folder.Dispose();

    [Theory]
    [MemberData(nameof(Cases))]
    public void Numpy_files_are_read_and_written_byte_for_byte(string name)
    {
        using var options = JsonDocument.Parse(File.ReadAllText(Path.Combine(Fixtures(), name, "options.json")));
        foreach (string file in (string[])["x.npy", "y.npy"])
        {
            string path = Path.Combine(Fixtures(), name, file);
            using Tensor tensor = NpyFile.Read(path);
            Assert.Equal(options.RootElement.GetProperty("nodes").GetInt64(), tensor.Shape[0]);
            string copy = folder.NewPath;
            NpyFile.Write(copy, tensor);
            Assert.Equal(File.ReadAllBytes(path), File.ReadAllBytes(copy));
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Weights_are_read_and_written_byte_for_byte(string name)
    {
        string path = Path.Combine(Fixtures(), name, "weights.safetensors");
        using SafetensorsFile file = SafetensorsFile.Open(path);
        var tensors = file.Tensors.Keys.ToDictionary(key => key, file.Read);
        string copy = folder.NewPath;
        SafetensorsFile.Write(copy, tensors);
        Assert.Equal(File.ReadAllBytes(path), File.ReadAllBytes(copy));
        foreach (Tensor tensor in tensors.Values)
        {
            tensor.Dispose();
        }
    }

    private static string Fixtures()
    {
        string? directory = AppContext.BaseDirectory;
        while (directory is not null && !File.Exists(Path.Combine(directory, "Pigeon.sln")))
        {
            directory = Path.GetDirectoryName(directory);
        }

        return Path.Combine(directory ?? throw new InvalidOperationException("no Pigeon.sln above the tests"), "tests/oracle/fixtures");
    }
}
