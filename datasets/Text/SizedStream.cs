namespace Pigeon.Datasets;

/// <summary>
/// A member of an archive, held to the size that the archive states: a member that is longer (as a decompression bomb is) or shorter is
/// damaged.
/// </summary>
/// <param name="inner">The member, decompressed.</param>
/// <param name="size">The stated size in bytes.</param>
internal sealed class SizedStream(Stream inner, long size) : Stream
{
    private long read;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => size;

    public override long Position
    {
        get => read;
        set => throw new NotSupportedException();
    }

    public override int Read(Span<byte> buffer)
    {
        int count = inner.Read(buffer);
        read += count;
        return read > size || (count == 0 && !buffer.IsEmpty && read < size)
            ? throw new InvalidDataException($"a member of {size} bytes holds {(read > size ? "more" : $"only {read}")}")
            : count;
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
