namespace Pigeon.Compiler;

/// <summary>The sizes of a GEMM's tiles, as the templates are instantiated with them.</summary>
internal static class GemmTile
{
    private const int PerThread = 4;
    private const int Stages = 2;
    private const int StagePad = 4;
    private const int TensorPad = 8;

    /// <summary>The rows of a tile.</summary>
    public const int Rows = 64;

    /// <summary>The columns of x that are multiplied at once.</summary>
    public const int Depth = 16;

    /// <summary>Threads of a multiprocessor that the registers of a kernel must leave room for: half of them.</summary>
    public const int ResidentThreads = 1024;

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

    /// <summary>The threads of a block that multiplies a tile.</summary>
    /// <param name="precision">What it multiplies in.</param>
    /// <param name="columns">The tile's columns.</param>
    public static int Threads(GemmPrecision precision, int columns) =>
        precision == GemmPrecision.F32 ? Rows / RowsOfThread(columns) * (columns / PerThread) : WarpThreads(Rows, columns);

    /// <summary>The threads of a block that sums a tile of a weight gradient.</summary>
    public static int OuterThreads(GemmPrecision precision, int rows, int columns) =>
        precision == GemmPrecision.F32 ? rows / RowsOfThread(columns) * (columns / PerThread) : WarpThreads(rows, columns);

    /// <summary>The product of a GEMM's tile, as a type of the templates.</summary>
    public static Code Product(GemmPrecision precision, int columns) => precision == GemmPrecision.F32
        ? Code.Of($"PgFma<{Rows}, {columns}, {RowsOfThread(columns)}>")
        : Code.Of($"PgMma<{Rows}, {columns}, {Format(precision)}>");

    /// <summary>The product of a tile of a weight gradient, as a type of the templates.</summary>
    public static Code OuterProduct(GemmPrecision precision, int rows, int columns) => precision == GemmPrecision.F32
        ? Code.Of($"PgFmaOuter<{rows}, {columns}, {RowsOfThread(columns)}>")
        : Code.Of($"PgMma<{rows}, {columns}, {Format(precision)}>");

    /// <summary>The floats of shared memory that staging takes: of x, and of w.</summary>
    public static (int OfX, int OfW) StagedFloats(GemmPrecision precision, int columns) =>
        (Stages * Rows * (Depth + StagePad), Stages * Depth * (columns + (precision == GemmPrecision.F32 ? 0 : TensorPad)));

    /// <summary>Tiles that cover a width.</summary>
    public static int Count(int width, int tile) => (width + tile - 1) / tile;

    // A warp of tensor cores has 16 rows of up to 32 columns.
    private static int WarpThreads(int rows, int columns) => rows / 16 * Math.Max(1, columns / 32) * 32;

    private static Code Format(GemmPrecision precision) => precision switch
    {
        GemmPrecision.Tf32 => Code.Of($"PgTf32"),
        GemmPrecision.Bf16 => Code.Of($"PgBf16"),
        _ => Code.Of($"PgTf32x3"),
    };

    // Fewer in the narrowest tile, whose blocks would have too few threads to fill half of a multiprocessor.
    private static int RowsOfThread(int columns) => columns < 32 ? PerThread / 2 : PerThread;
}
