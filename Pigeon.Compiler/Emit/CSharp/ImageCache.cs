using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Pigeon.Compiler;

/// <summary>
/// Compiled images on disk, by the hash of what they were compiled from. The source lies beside its image, with the image's own hash,
/// and both are compared on every hit. So is the description of a program, its graph and its options, which names the image that they led to.
/// Neither a hash collision nor a stale or damaged file is ever run. A cache that can't be read or written is not an error.
/// </summary>
public static class ImageCache
{
    private const string ProgramSuffix = ".program";
    private const string ImageWord = "image";
    private const int ImageKeyLength = 32;

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

    /// <summary>The image that a program with this description led to, untouched since; null where there is none.</summary>
    internal static ImmutableArray<byte>? FindProgram(DirectoryInfo folder, string key, string description)
    {
        try
        {
            string kept = Path.Combine(folder.FullName, key + ProgramSuffix);
            string text = File.Exists(kept) ? File.ReadAllText(kept) : "";
            if (!text.StartsWith(description, StringComparison.Ordinal))
            {
                return null;
            }

            string[] words = text[description.Length..].TrimEnd('\n').Split(' ');
            if (words is not [ImageWord, { Length: ImageKeyLength } image, _] || !image.All(char.IsAsciiHexDigitLower))
            {
                return null;
            }

            byte[] bytes = File.ReadAllBytes(Path.Combine(folder.FullName, image + ".dll"));
            return text == WithImage(description, image, bytes) ? ImmutableCollectionsMarshal.AsImmutableArray(bytes) : null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Keeps which image a program led to.</summary>
    internal static void KeepProgram(DirectoryInfo folder, string key, string description, string image, ImmutableArray<byte> bytes)
    {
        try
        {
            folder.Create();
            Write(Path.Combine(folder.FullName, key + ProgramSuffix), Encoding.UTF8.GetBytes(WithImage(description, image, [.. bytes])));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // The next run plans again.
        }
    }

    private static string WithImage(string description, string image, byte[] bytes) =>
        $"{description}{ImageWord} {image} {Convert.ToHexStringLower(SHA256.HashData(bytes))}\n";

    private static string WithHash(string source, byte[] image) => $"{source}// image {Convert.ToHexStringLower(SHA256.HashData(image))}\n";

    private static void Write(string path, byte[] bytes)
    {
        string temporary = $"{path}.{Environment.ProcessId}.{Guid.NewGuid():N}";
        File.WriteAllBytes(temporary, bytes);
        File.Move(temporary, path, overwrite: true);
    }
}
