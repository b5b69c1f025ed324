namespace Pigeon.Models.Tests;

/// <summary>Where this repository lies.</summary>
internal static class Repository
{
    public static string Root { get; } = Find(AppContext.BaseDirectory);

    private static string Find(string folder) =>
        File.Exists(Path.Combine(folder, "Pigeon.sln")) ? folder : Find(Path.GetDirectoryName(folder)!);
}
