using System.Runtime.InteropServices;

namespace Pigeon.Kernels;

/// <summary>
/// Zeroed memory on pages of 2 MiB, where the system has them. Rows gathered in random order from a table of many MiB miss the table of
/// page translations nearly every time on pages of 4 KiB.
/// </summary>
internal static unsafe partial class LargePages
{
    /// <summary>The size of a large page, and the least size of memory that asks for them.</summary>
    public const nuint PageBytes = 2 << 20;

    private const int ReadWrite = 3;
    private const int PrivateAnonymous = 0x22;
    private const int AdviseHugePage = 14;

    /// <summary>Whether memory of this size is worth large pages, here.</summary>
    public static bool Serve(nuint bytes) => OperatingSystem.IsLinux() && bytes >= PageBytes;

    /// <summary>Maps zeroed memory; whether the system gives large pages for it is its own affair. Null if there is no memory.</summary>
    public static void* Map(nuint bytes)
    {
        nint start = mmap(0, bytes, ReadWrite, PrivateAnonymous, -1, 0);
        if (start == -1)
        {
            return null;
        }

        _ = madvise(start, bytes, AdviseHugePage);
        return (void*)start;
    }

    /// <summary>Gives mapped memory back.</summary>
    public static void Unmap(void* start, nuint bytes) => _ = munmap((nint)start, bytes);

    [LibraryImport("libc")]
    private static partial nint mmap(nint address, nuint bytes, int protection, int flags, int file, nint offset);

    [LibraryImport("libc")]
    private static partial int madvise(nint address, nuint bytes, int advice);

    [LibraryImport("libc")]
    private static partial int munmap(nint address, nuint bytes);
}
