namespace Pigeon.Models.Tests;

/// <summary>A folder that goes with the test.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("pigeon-training-").FullName;

    public string this[string name] => System.IO.Path.Combine(Path, name);

    /// <summary>Names and bytes of all files.</summary>
    public string[] Snapshot() =>
        [.. Directory.GetFiles(Path).Order(StringComparer.Ordinal).Select(file => file + Convert.ToBase64String(File.ReadAllBytes(file)))];

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
