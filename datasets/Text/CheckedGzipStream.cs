using System.Buffers.Binary;
using System.IO.Compression;

namespace Pigeon.Datasets;

/// <summary>
/// Decompresses a gzip file and compares its size at the end with the one in the trailer, since <see cref="GZipStream"/> takes a
/// file that was cut short for a complete one.
/// </summary>
internal sealed class CheckedGzipStream : Stream
{
    private const int SmallestFile = 18;
    private readonly GZipStream inner;
    private readonly uint expected;
    private uint read;

    private CheckedGzipStream(Stream file, uint expected)
    {
        inner = new(file, CompressionMode.Decompress);
        this.expected = expected;
    }

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

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(Span<byte> buffer)
    {
        int count = inner.Read(buffer);
        read += (uint)count;
        return count > 0 || buffer.IsEmpty || read == expected
            ? count
            : throw new InvalidDataException($"holds {read} bytes where its trailer says {expected}: cut short, or several files in one");
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Flush() => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
        }

        base.Dispose(disposing);
    }
}
