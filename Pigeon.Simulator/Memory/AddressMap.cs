namespace Pigeon.Simulator;

/// <summary>
/// How 64 bits say where memory is. The upper 24 bits number an allocation, the lower 40 are an offset from the middle of its window, so
/// that an index before the first element stays in the window of its own buffer, and every bound is exact. Two windows lead to the
/// shared memory of the own block and the local memory of the own thread.
/// </summary>
internal static class AddressMap
{
    /// <summary>The bits of an offset.</summary>
    public const int OffsetBits = 40;

    /// <summary>The offset at which memory begins in its window.</summary>
    public const long Origin = 1L << (OffsetBits - 1);

    /// <summary>The largest allocation.</summary>
    public const long MaxBytes = 1L << (OffsetBits - 2);

    /// <summary>The window of shared memory.</summary>
    public const int SharedWindow = 1;

    /// <summary>The window of local memory.</summary>
    public const int LocalWindow = 2;

    /// <summary>The first window of an allocation.</summary>
    public const int FirstAllocation = 16;

    /// <summary>One more than the last window.</summary>
    public const int Windows = 1 << (64 - OffsetBits);

    /// <summary>The address of the first byte of a window.</summary>
    public static ulong Base(int window) => ((ulong)window << OffsetBits) + (ulong)Origin;

    /// <summary>The window that an address is in.</summary>
    public static int Window(ulong address) => (int)(address >> OffsetBits);

    /// <summary>The offset in its window; negative before its first byte.</summary>
    public static long Offset(ulong address) => (long)(address & ((1UL << OffsetBits) - 1)) - Origin;
}
