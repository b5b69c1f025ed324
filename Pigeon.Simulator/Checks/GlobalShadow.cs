namespace Pigeon.Simulator;

/// <summary>Who accessed a buffer in the present launch. Pages come into being when they are touched, and forget when the launch
/// ends.</summary>
internal sealed class GlobalShadow(long bytes)
{
    private const int PageBits = 12;

    private readonly ShadowCell[]?[] pages = new ShadowCell[]?[(bytes >> PageBits) + 1];
    private readonly int[] launches = new int[(bytes >> PageBits) + 1];

    /// <summary>The cell of a byte.</summary>
    /// <param name="offset">The byte.</param>
    /// <param name="launch">The number of the launch, at least 1.</param>
    /// <param name="shift">The bytes of a cell as a power of two, 0 … 2, the same for the whole launch.</param>
    public ref ShadowCell Cell(long offset, int launch, int shift)
    {
        long page = offset >> PageBits;
        if (launches[page] != launch)
        {
            Renew(page, launch, shift);
        }
        return ref pages[page]![(offset & ((1 << PageBits) - 1)) >> shift];
    }

    /// <summary>The cells of a range of bytes; none where it does not lie in one page.</summary>
    /// <inheritdoc cref="Cell"/>
    public Span<ShadowCell> Cells(long offset, int length, int launch, int shift)
    {
        long page = offset >> PageBits;
        if ((offset + length - 1) >> PageBits != page)
        {
            return [];
        }
        if (launches[page] != launch)
        {
            Renew(page, launch, shift);
        }
        return pages[page].AsSpan((int)(offset & ((1 << PageBits) - 1)) >> shift, length >> shift);
    }

    private void Renew(long page, int launch, int shift)
    {
        int cells = 1 << (PageBits - shift);
        if (pages[page] is ShadowCell[] known && known.Length >= cells)
        {
            Array.Clear(known);
        }
        else
        {
            pages[page] = new ShadowCell[cells];
        }
        launches[page] = launch;
    }
}
