using System.Runtime.InteropServices;

namespace Pigeon.Benchmarks;

/// <summary>glibc's allocator.</summary>
internal static partial class Malloc
{
    /// <summary>
    /// Keeps freed memory for the next allocation. By default every large temporary of torch is mapped, faulted in page by page,
    /// and unmapped again, which costs more than many operators do.
    /// </summary>
    public static void KeepFreedMemory()
    {
        const int trimThreshold = -1;
        const int mmapMax = -4;
        const int arenaMax = -8;
        if (mallopt(mmapMax, 0) != 1 || mallopt(trimThreshold, -1) != 1 || mallopt(arenaMax, 1) != 1)
        {
            throw new InvalidOperationException("mallopt refuses");
        }
    }

    /// <summary>Gives what is free back to the system.</summary>
    public static void Trim() => malloc_trim(0);

    [LibraryImport("libc")]
    private static partial int mallopt(int parameter, int value);

    [LibraryImport("libc")]
    private static partial int malloc_trim(nuint pad);
}
