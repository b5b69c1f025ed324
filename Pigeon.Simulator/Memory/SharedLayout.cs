namespace Pigeon.Simulator;

/// <summary>
/// Where the shared arrays of a kernel are. Between two of them, and behind the last, lies a gap, so that an index beyond the end of one
/// doesn't land in the next. Gaps are multiples of 128 bytes: each array has the banks that it would have alone.
/// </summary>
internal sealed class SharedLayout
{
    private const long Gap = 1024;

    private readonly List<(string Name, long Offset, long Bytes)> arrays = [];
    private long start;
    private long end;

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

    /// <summary>Whether one array holds all these bytes.</summary>
    public bool Holds(long offset, int bytes)
    {
        // Accesses mostly stay in the array of the one before.
        if (offset >= start && offset + bytes <= end)
        {
            return true;
        }
        foreach ((_, long first, long size) in arrays)
        {
            if (offset >= first && offset + bytes <= first + size)
            {
                (start, end) = (first, first + size);
                return true;
            }
        }
        return false;
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
