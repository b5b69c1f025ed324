namespace Pigeon.Simulator;

/// <summary>
/// Where the shared arrays of a kernel are. Between two of them, and behind the last, lies a gap, so that an index beyond the end of one
/// doesn't land in the next. Gaps are multiples of 128 bytes: each array has the banks that it would have alone.
/// </summary>
internal sealed class SharedLayout
{
    private const long Gap = 1024;

    private readonly List<(string Name, long Offset, long Bytes)> arrays = [];

    /// <summary>The size with all gaps.</summary>
    public long Bytes { get; private set; }

    /// <summary>The bytes of the arrays alone.</summary>
    public long Used => arrays.Sum(array => array.Bytes);

    /// <summary>Adds an array.</summary>
    /// <returns>Its offset.</returns>
    public long Add(string name, long bytes)
    {
        long offset = Bytes;
        arrays.Add((name, offset, bytes));
        Bytes = ((offset + bytes + 127) & ~127L) + Gap;
        return offset;
    }

    /// <summary>The array that holds all these bytes; null where none does.</summary>
    public string? Find(long offset, int bytes)
    {
        foreach ((string name, long start, long size) in arrays)
        {
            if (offset >= start && offset + bytes <= start + size)
            {
                return name;
            }
        }
        return null;
    }

    /// <summary>The array that begins at or before this offset, for reports.</summary>
    public string Near(long offset) =>
        arrays.LastOrDefault(array => array.Offset <= offset) is { Name: not null } near ? near.Name : "shared memory";

    /// <summary>An offset in words, as in <c>at byte 12 of tile, which has 1024</c>.</summary>
    public string Describe(long offset)
    {
        (string? name, long start, long bytes) = arrays.LastOrDefault(array => array.Offset <= offset);
        return name is null ? $"at byte {offset}" : $"at byte {offset - start} of {name}, which has {bytes}";
    }

    /// <summary>A copy that can be added to.</summary>
    public SharedLayout Copy()
    {
        var copy = new SharedLayout { Bytes = Bytes };
        copy.arrays.AddRange(arrays);
        return copy;
    }
}
