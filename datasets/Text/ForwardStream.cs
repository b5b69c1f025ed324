namespace Pigeon.Datasets;

/// <summary>A stream that is read from another one, once and forwards; derived classes check what comes.</summary>
/// <param name="inner">What is read; it is closed with the stream.</param>
internal abstract class ForwardStream(Stream inner) : Stream
{
    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(Span<byte> buffer) => Checked(inner.Read(buffer), asked: buffer.Length);

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Flush() => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <summary>Judges how many bytes came, and passes the number on.</summary>
    /// <exception cref="InvalidDataException">There are too many, or the end came too soon.</exception>
    protected abstract int Checked(int count, int asked);

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
        }

        base.Dispose(disposing);
    }
}
