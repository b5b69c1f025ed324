using System.Collections.Immutable;
using System.Text;

namespace Pigeon.Compiler;

/// <summary>
/// Compiled images on disk, by the hash of what they were compiled from. The source lies beside its image and is compared on
/// every hit, so neither a hash collision nor a stale file is ever run. A cache that can't be read or written is not an error.
/// </summary>
public static class ImageCache
{
    /// <summary>
    /// The folder of the environment variable <c>PIGEON_CACHE</c>, otherwise <c>pigeon</c> in the user's cache folder; null
    /// where <c>PIGEON_CACHE</c> is <c>off</c>.
    /// </summary>
    public static DirectoryInfo? Default()
    {
        string? chosen = Environment.GetEnvironmentVariable("PIGEON_CACHE");
        if (chosen == "off")
        {
            return null;
        }

        string user = Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } xdg
            ? xdg
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache");
        return new(string.IsNullOrEmpty(chosen) ? Path.Combine(user, "pigeon") : chosen);
    }

    internal static ImmutableArray<byte>? Find(DirectoryInfo folder, string key, string source)
    {
        try
        {
            string kept = Path.Combine(folder.FullName, key);
            return File.Exists(kept + ".dll") && File.ReadAllText(kept + ".cs") == source ? [.. File.ReadAllBytes(kept + ".dll")] : null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    internal static void Keep(DirectoryInfo folder, string key, string source, ImmutableArray<byte> image)
    {
        try
        {
            folder.Create();
            string kept = Path.Combine(folder.FullName, key);

            // The source goes first: an image without its source is never used.
            Write(kept + ".cs", Encoding.UTF8.GetBytes(source));
            Write(kept + ".dll", [.. image]);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // The next run compiles again.
        }
    }

    private static void Write(string path, byte[] bytes)
    {
        string temporary = $"{path}.{Environment.ProcessId}.{Guid.NewGuid():N}";
        File.WriteAllBytes(temporary, bytes);
        File.Move(temporary, path, overwrite: true);
    }
}
