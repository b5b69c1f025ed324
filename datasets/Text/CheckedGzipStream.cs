using System.Buffers.Binary;
using System.IO.Compression;

namespace Pigeon.Datasets;

/// <summary>
/// Decompresses a gzip file and compares its size at the end with the one in the trailer, since <see cref="GZipStream"/> takes a
/// file that was cut short for a complete one.
/// </summary>
internal sealed class CheckedGzipStream : ForwardStream
{
    private const int SmallestFile = 18;
    private readonly uint expected;
    private uint read;

    private CheckedGzipStream(Stream file, uint expected)
        : base(new GZipStream(file, CompressionMode.Decompress)) => this.expected = expected;

    /// <summary>Opens a file; the file is closed with the stream.</summary>
    /// <exception cref="InvalidDataException">The file is too short to be gzip.</exception>
    public static CheckedGzipStream Open(string path)
    {
        var file = File.OpenRead(path);
        try
        {
            if (file.Length < SmallestFile)
            {
                throw new InvalidDataException("shorter than an empty gzip file");
            }

            Span<byte> trailer = stackalloc byte[4];
            file.Seek(-trailer.Length, SeekOrigin.End);
            file.ReadExactly(trailer);
            file.Seek(0, SeekOrigin.Begin);
            return new(file, BinaryPrimitives.ReadUInt32LittleEndian(trailer));
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    protected override int Checked(int count, int asked)
    {
        read += (uint)count;
        return count > 0 || asked == 0 || read == expected
            ? count
            : throw new InvalidDataException($"holds {read} bytes where its trailer says {expected}: cut short, or several files in one");
    }
}
