using System.Text;
using Pigeon.Kernels;

namespace Pigeon.Cli;

/// <summary>Writes files so that a reader sees the old file or the whole new one, never a part.</summary>
internal static class OutputFile
{
    /// <summary>Writes beside the path and renames; an error leaves what was there.</summary>
    /// <exception cref="PigeonException">PG0505: the file can't be written.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        string temporary = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            using (var stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None))
            {
                write(stream);
            }

            File.Move(temporary, path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new PigeonException(new Diagnostic(DiagnosticIds.FileAccess, $"it can't be written: {e.Message}", path,
                "name a place in a folder that exists and may be written"), e);
        }
        finally
        {
            if (File.Exists(temporary))
            {
                File.Delete(temporary);
            }
        }
    }
}

/// <summary>The folder that a verb writes its files into, and nowhere else.</summary>
internal sealed class OutputFolder
{
    private readonly string path;
    private readonly List<WrittenFile> files = [];

    /// <summary>Creates the folder where it is not there.</summary>
    /// <exception cref="PigeonException">PG0505: it can't be created.</exception>
    public OutputFolder(string path)
    {
        this.path = path;
        try
        {
            Directory.CreateDirectory(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new PigeonException(new Diagnostic(DiagnosticIds.FileAccess, $"the folder can't be created: {e.Message}", path), e);
        }
    }

    /// <summary>What was written so far.</summary>
    public IReadOnlyList<WrittenFile> Files => files;

    /// <summary>Writes a text.</summary>
    /// <param name="name">The file's name in the folder: the tool's own, never a name from a file.</param>
    /// <param name="content">What it is, for the list.</param>
    /// <param name="text">The text.</param>
    public void Write(string name, string content, string text) => Write(name, content, Encoding.UTF8.GetBytes(text));

    /// <summary>Writes bytes.</summary>
    /// <param name="name">The file's name in the folder: the tool's own, never a name from a file.</param>
    /// <param name="content">What it is, for the list.</param>
    /// <param name="bytes">The bytes.</param>
    public void Write(string name, string content, ReadOnlySpan<byte> bytes)
    {
        byte[] kept = bytes.ToArray();
        string file = Path.Combine(path, name);
        OutputFile.Write(file, stream => stream.Write(kept));
        files.Add(new(file, content, bytes.Length));
    }
}

/// <summary>A file that was written.</summary>
internal sealed record WrittenFile(string Path, string Content, long Bytes);
