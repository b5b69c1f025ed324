namespace Pigeon.Cli.Tests;

/// <summary>A folder that goes when the test does.</summary>
public sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("pigeon-").FullName;

    /// <summary>The path of a name in it.</summary>
    public string this[string name] => System.IO.Path.Combine(Path, name);

    /// <summary>A folder with copies of a fixture's files.</summary>
    public static TemporaryFolder OfFixture(string fixture)
    {
        var folder = new TemporaryFolder();
        foreach (string file in Directory.EnumerateFiles(System.IO.Path.Combine(Repository.Fixtures, fixture)))
        {
            File.Copy(file, folder[System.IO.Path.GetFileName(file)]);
        }

        return folder;
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
