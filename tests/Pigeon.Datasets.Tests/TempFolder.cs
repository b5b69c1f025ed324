using System.IO.Compression;

namespace Pigeon.Datasets.Tests;

/// <summary>A folder that is deleted after the test.</summary>
internal sealed class TempFolder : IDisposable
{
    public TempFolder() => Directory.CreateDirectory(Path);

    public string Path { get; } = System.IO.Path.Combine(System.IO.Path.GetTempPath(), "pigeon-" + Guid.NewGuid().ToString("N"));

    public string At(string name) => System.IO.Path.Combine(Path, name);

    public string Write(string name, string text)
    {
        File.WriteAllText(At(name), text);
        return At(name);
    }

    public string WriteGzip(string name, byte[] content)
    {
        using var stream = new GZipStream(File.Create(At(name)), CompressionMode.Compress);
        stream.Write(content);
        return At(name);
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
