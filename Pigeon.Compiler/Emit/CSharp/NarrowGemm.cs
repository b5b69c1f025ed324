namespace Pigeon.Compiler;

/// <summary>
/// Products with few columns, such as an attention vector for each head: vectors over the columns would be mostly empty, so they run
/// along the columns of x, over a slice that is kept transposed in scratch, and are folded to one number for each result.
/// </summary>
internal static class NarrowGemm
{
    private const int Sums = 8;
    private const int Together = 4;

    /// <summary>Whether a product is narrow enough, and its rows are long and whole vectors.</summary>
    public static bool Fits(Contraction gemm, int lanes) => gemm is { Kind: ContractionKind.Linear, Blocks: 1, Lead: 1 } &&
        gemm.N <= lanes / 2 && gemm.K >= 2 * lanes && gemm.K % lanes == 0;

    /// <summary>The rows of a tile: as many as give enough independent sums.</summary>
    public static int TileRows(Contraction gemm, int lanes) => (lanes == 16 ? 2 : 1) * Sums / gemm.N;

    /// <summary>Writes the body of a tile: the rows <c>x0</c>, <c>x1</c>, … times the transposed slice <c>w</c>, to <c>y0</c>, <c>y1</c>, ….</summary>
    public static void EmitTile(CodeWriter methods, Contraction gemm, int rows, int lanes)
    {
        for (int r = 0; r < rows; r++)
        {
            for (int n = 0; n < gemm.N; n++)
            {
                methods.Line($"var c{r}_{n} = {Lanes.Constant(lanes, 0)};");
            }
        }

        using (methods.Block($"for (nint k = 0; k < {gemm.K}; k += {lanes})"))
        {
            for (int n = 0; n < gemm.N; n++)
            {
                methods.Line($"var w{n} = {Lanes.Load(lanes, Code.Of($"w"), Code.Of($"k + {n * gemm.K}"))};");
            }

            for (int r = 0; r < rows; r++)
            {
                methods.Line($"var a{r} = {Lanes.Load(lanes, Code.Of($"x{r}"), Code.Of($"k"))};");
                for (int n = 0; n < gemm.N; n++)
                {
                    methods.Line($"c{r}_{n} = {Lanes.MultiplyAdd(lanes, Code.Of($"a{r}"), Code.Of($"w{n}"), Code.Of($"c{r}_{n}"))};");
                }
            }
        }

        for (int r = 0; r < rows; r++)
        {
            int folded = gemm.N / Together * Together;
            for (int n = 0; n < folded; n += Together)
            {
                Code sums = Code.Join(Separator.Comma, Enumerable.Range(n, Together).Select(m => Code.Of($"c{r}_{m}")));
                methods.Line($"{Lanes.Store(Together, Code.Of($"y{r}"), Code.Of($"{n}"), Code.Of($"VectorMath.Sums({sums})"))}");
            }
        }

        // Sums of several rows are folded together. Which rows a tile has is no matter to the bits of a row.
        for (int n = gemm.N / Together * Together; n < gemm.N; n++)
        {
            int together = rows / Together * Together;
            for (int r = 0; r < together; r += Together)
            {
                Code sums = Code.Join(Separator.Comma, Enumerable.Range(r, Together).Select(m => Code.Of($"c{m}_{n}")));
                methods.Line($"var s{r}_{n} = VectorMath.Sums({sums});");
                for (int lane = 0; lane < Together; lane++)
                {
                    methods.Line($"y{r + lane}[{n}] = s{r}_{n}[{lane}];");
                }
            }

            for (int r = together; r < rows; r++)
            {
                methods.Line($"y{r}[{n}] = {Lanes.Fold(lanes, ReduceKind.Sum, Code.Of($"c{r}_{n}"))};");
            }
        }
    }
}
