namespace Pigeon.Datasets;

/// <summary>
/// A member of an archive, held to the size that the archive states: a member that is longer (as a decompression bomb is) or shorter is
/// damaged.
/// </summary>
/// <param name="inner">The member, decompressed.</param>
/// <param name="size">The stated size in bytes.</param>
internal sealed class SizedStream(Stream inner, long size) : ForwardStream(inner)
{
    private long read;

    protected override int Checked(int count, int asked)
    {
        read += count;
        return read > size || (count == 0 && asked > 0 && read < size)
            ? throw new InvalidDataException($"a member of {size} bytes holds {(read > size ? "more" : $"only {read}")}")
            : count;
    }
}
