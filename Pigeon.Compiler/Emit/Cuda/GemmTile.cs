namespace Pigeon.Compiler;

/// <summary>The sizes of a GEMM's tiles, as the templates are instantiated with them.</summary>
internal static class GemmTile
{
    /// <summary>The rows of a tile.</summary>
    public const int Rows = 64;

    /// <summary>The columns of x that are multiplied at once.</summary>
    public const int Depth = 16;

    /// <summary>The columns of results of a thread, and in wide tiles also their rows.</summary>
    public const int PerThread = 4;

    /// <summary>Threads of a multiprocessor that the registers of a kernel must leave room for: half of them.</summary>
    public const int ResidentThreads = 1024;

    /// <summary>The same for a kernel with steps, which need registers too.</summary>
    public const int ResidentThreadsOfSteps = 512;

    /// <summary>The columns of a tile: enough for <paramref name="width"/>, at the most 64.</summary>
    /// <param name="width">The columns of the product.</param>
    /// <param name="least">The narrowest tile.</param>
    public static int Columns(int width, int least = 16)
    {
        int columns = least;
        while (columns < width && columns < Rows)
        {
            columns *= 2;
        }

        return columns;
    }

    /// <summary>The rows of results of a thread: fewer in the narrowest tile, which would have too few threads.</summary>
    public static int RowsOfThread(int columns) => columns < 32 ? PerThread / 2 : PerThread;

    /// <summary>Tiles that cover a width.</summary>
    public static int Count(int width, int tile) => (width + tile - 1) / tile;
}
