using Xunit;

namespace Pigeon.Tests;

/// <summary>A test that reads real data: skipped, with the reason, where the data is not on the machine.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class DataFactAttribute : FactAttribute
{
    private const string Variable = "PIGEON_DATA";

    /// <param name="paths">What the test reads, relative to the data folder.</param>
    public DataFactAttribute(params string[] paths)
    {
        if (Folder is null)
        {
            Skip = $"{Variable} is not set";
        }
        else if (Array.Find(paths, path => !Path.Exists(Path.Combine(Folder, path))) is { } missing)
        {
            Skip = $"{Variable} has no {missing}";
        }
    }

    /// <summary>The data folder, or null.</summary>
    public static string? Folder => Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } folder ? folder : null;

    /// <summary>A path in the data folder.</summary>
    public static string Locate(string path) => Path.Combine(Folder!, path);
}
