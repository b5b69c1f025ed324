using System.Runtime.CompilerServices;
using Xunit;

namespace Pigeon.Tests;

/// <summary>The tests that are texts: read beside the tests' assembly, and rewritten in the sources where PIGEON_BLESS is 1.</summary>
internal static class TextFile
{
    private static bool Bless => Environment.GetEnvironmentVariable("PIGEON_BLESS") == "1";

    /// <summary>The names of the texts in a folder.</summary>
    public static IEnumerable<string> Names(string folder)
    {
        var files = new DirectoryInfo(Path.Combine(AppContext.BaseDirectory, "texts", folder));
        return files.Exists ? files.EnumerateFiles().Select(file => file.Name).Order(StringComparer.Ordinal) : [];
    }

    public static string Read(string folder, string name) =>
        File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "texts", folder, name)).ReplaceLineEndings("\n");

    /// <summary>Asserts that a text is as it was blessed.</summary>
    public static void Equal(string folder, string name, string actual)
    {
        if (Bless)
        {
            File.WriteAllText(Path.Combine(Sources(), "texts", folder, name), actual);
            return;
        }

        Assert.Equal(Names(folder).Contains(name) ? Read(folder, name) : "(no such text: run once with PIGEON_BLESS=1)", actual);
    }

    private static string Sources([CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;
}
