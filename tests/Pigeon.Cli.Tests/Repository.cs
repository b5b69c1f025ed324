namespace Pigeon.Cli.Tests;

/// <summary>Where this repository lies, and what tests read of it.</summary>
internal static class Repository
{
    public static string Root { get; } = Find(AppContext.BaseDirectory);

    public static string Fixtures { get; } = Path.Combine(Root, "tests", "oracle", "fixtures");

    private static string Find(string folder) =>
        File.Exists(Path.Combine(folder, "Pigeon.sln")) ? folder : Find(Path.GetDirectoryName(folder)!);
}
