namespace Pigeon.Runtime.Tests;

/// <summary>A folder that goes when the test does.</summary>
public sealed class TemporaryFolder : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("pigeon-").FullName;

    /// <summary>A new path in it.</summary>
    public string NewPath => Path.Combine(folder, Guid.NewGuid().ToString("N"));

    /// <summary>The names of the files in it.</summary>
    public IEnumerable<string> Files => Directory.EnumerateFiles(folder);

    /// <summary>Writes a new file and returns its path.</summary>
    public string Write(ReadOnlySpan<byte> bytes)
    {
        string path = NewPath;
        File.WriteAllBytes(path, bytes);
        return path;
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);
}
