using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;

namespace Pigeon.Compiler;

/// <summary>
/// Compiled images on disk, by the hash of what they were compiled from. The source lies beside its image, with the image's own hash,
/// and both are compared on every hit, so neither a hash collision nor a stale or damaged file is ever run. A cache that can't be read or
/// written is not an error.
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
            if (!File.Exists(kept + ".dll"))
            {
                return null;
            }

            byte[] image = File.ReadAllBytes(kept + ".dll");
            return File.ReadAllText(kept + ".cs") == WithHash(source, image) ? [.. image] : null;
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
            Write(kept + ".cs", Encoding.UTF8.GetBytes(WithHash(source, [.. image])));
            Write(kept + ".dll", [.. image]);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // The next run compiles again.
        }
    }

    private static string WithHash(string source, byte[] image) => $"{source}// image {Convert.ToHexStringLower(SHA256.HashData(image))}\n";

    private static void Write(string path, byte[] bytes)
    {
        string temporary = $"{path}.{Environment.ProcessId}.{Guid.NewGuid():N}";
        File.WriteAllBytes(temporary, bytes);
        File.Move(temporary, path, overwrite: true);
    }
}
