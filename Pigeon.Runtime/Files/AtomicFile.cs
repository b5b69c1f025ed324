using System.Runtime.InteropServices;
using Pigeon.Kernels;

namespace Pigeon.Runtime;

/// <summary>Writes files so that a reader sees the old file or the whole new one, never a part.</summary>
internal static class AtomicFile
{
    /// <summary>
    /// Writes a file beside <paramref name="path"/>, flushes it to the disk and renames it. Where that fails, or
    /// <paramref name="write"/> throws, what was at <paramref name="path"/> stays and the new file is deleted.
    /// </summary>
    /// <exception cref="PigeonException">PG0360: the file can't be written.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        string temporary = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            using (var stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, path, overwrite: true);
        }
        catch (Exception e)
        {
            DeleteIfThere(temporary);
            if (e is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
            {
                throw new PigeonException(new("PG0360", "it can't be written: " + e.Message, path,
                    "name a file in a folder that exists, may be written and has room"), e);
            }

            throw;
        }
    }

    /// <summary>Writes the elements of a tensor as float32.</summary>
    public static void WriteTensor(Stream stream, Tensor tensor)
    {
        const int chunk = 1 << 20;
        for (long start = 0; start < tensor.Length; start += chunk)
        {
            stream.Write(MemoryMarshal.AsBytes(tensor.Slice(start, (int)Math.Min(chunk, tensor.Length - start))));
        }
    }

    private static void DeleteIfThere(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            // The reason why the file couldn't be written is on its way to the caller; this one adds nothing.
        }
    }
}
