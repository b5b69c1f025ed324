using Pigeon.Kernels;

namespace Pigeon.Compiler;

/// <summary>
/// Writes a weight gradient: blocks for runs of rows of one type, and for tiles of the result. Results of a type with several runs are
/// joined by a second launch in the order of the runs; or, where that is allowed, each run adds its own by atomics to what was cleared before.
/// </summary>
internal sealed class CudaOuterSum(Plan plan, Kernel kernel, ProgramSymbols program, List<GpuTiling> tilings, GemmPrecision precision, bool atomics)
    : CudaKernel(plan, kernel, program)
{
    private const int RunRows = 256;
    private const int JoinThreads = 256;
    private const int ClearedByThread = 4;
    private const int MostResident = 16;
    private readonly Contraction gemm = kernel.Contraction!;

    /// <summary>Writes the kernels, in order.</summary>
    public IEnumerable<CudaFunction> Emit()
    {
        int rows = GemmTile.Columns(gemm.K, least: 32);
        int columns = GemmTile.Columns(gemm.N);
        int threads = GemmTile.OuterThreads(precision, rows, columns);
        CudaKernelSymbols symbols = Symbols(places: null);
        int width = symbols.Width(gemm.Value);
        int table = tilings.Count;
        tilings.Add(new(Program.Index(gemm.Type, null), RunRows, gemm.Lead, width));
        var body = new CodeWriter();
        Code types = symbols.Table(GpuArgumentKind.TileTypes, table);
        Code starts = symbols.Table(GpuArgumentKind.TileStarts, table);
        Code tiles = symbols.Table(GpuArgumentKind.TypeTiles, table);
        Code order = symbols.Order(gemm.Type);
        Code sums = symbols.Buffer(gemm.Value);
        Code ofType = Code.Of($"{sums} + (long long)type * {width}");
        int across = GemmTile.Count(gemm.N, columns);
        body.Line($"typedef PgOuter<{GemmTile.OuterProduct(precision, rows, columns)}, {Aligned(gemm.X, gemm.K)}, {Aligned(gemm.Y, gemm.N)}> Tile;");
        body.Line($"__shared__ __align__(16) float staging[Tile::SharedFloats];");
        body.Line($"const int type = {types}[block], start = {starts}[block], count = {starts}[block + 1] - start;");
        body.Line($"const int k = blockIdx.y / {across} * {rows}, n = blockIdx.y % {across} * {columns}, b = blockIdx.z;");
        body.Line($"const bool alone = {tiles}[type + 1] - {tiles}[type] == 1;");
        body.Line($"float* to = {(atomics ? ofType : Code.Of($"(alone ? {ofType} : {symbols.Table(GpuArgumentKind.Workspace, table)} + (long long)block * {width})"))} + b * {gemm.K * gemm.N};");
        EmitRow(body, symbols, order, Code.Of($"x"), gemm.X, gemm.K);
        EmitRow(body, symbols, order, Code.Of($"y"), gemm.Y, gemm.N);
        using (body.Block($"const auto store = [&](int row, int c, const float (&values)[4], int left)"))
        {
            if (atomics)
            {
                using (body.Block($"if (!alone)"))
                {
                    body.Line($"pg_add4(to + row * {gemm.N} + c, values, left);");
                    body.Line($"return;");
                }
            }

            body.Line($"pg_put4<{(gemm.N % 4 == 0 ? Code.Of($"true") : Code.Of($"false"))}, true>(to + row * {gemm.N} + c, values, left);");
        }

        body.Line($";");
        body.Line($"Tile::run(x, y, count, k, {gemm.K}, n, {gemm.N}, staging, store);");
        int resident = Math.Max(1, Math.Min(MostResident, GemmTile.ResidentThreads / threads));
        CudaFunction sum = Function(Kernel.Name, GpuGridKind.Tiles, table, 1, GemmTile.Count(gemm.K, rows) * across, gemm.Blocks, threads, resident, symbols, body);
        return atomics ? [Clear(table), sum] : [sum, Join(table, width)];
    }

    private CudaFunction Clear(int table)
    {
        CudaKernelSymbols symbols = Symbols(places: null);
        var body = new CodeWriter();
        body.Line($"pg_clear(block, {symbols.Buffer(gemm.Value)}, {symbols.Length(gemm.Value)});");
        return Function($"{Kernel.Name}_clear", GpuGridKind.Results, table, JoinThreads * ClearedByThread, 1, 1, JoinThreads, 1, symbols, body) with { MayComeEarly = true };
    }

    private CudaFunction Join(int table, int width)
    {
        CudaKernelSymbols join = Symbols(places: null);
        (Code value, Code parts, Code first) = (join.Buffer(gemm.Value), join.Table(GpuArgumentKind.Workspace, table),
            join.Table(GpuArgumentKind.TypeTiles, table));
        (Code size, Code numbers) = (join.Size(gemm.Type.To), join.Size(new IndexSpace.Range(width)));
        var joining = new CodeWriter();
        joining.Line($"pg_join_runs(block, {value}, {parts}, {first}, {size}, {numbers});");
        return Function($"{Kernel.Name}_join", GpuGridKind.Results, table, JoinThreads, 1, 1, JoinThreads, 1, join, joining);
    }

    private CudaFunction Function(string name, GpuGridKind grid, int table, int perBlock, int blocksY, int blocksZ, int threads, int resident,
        CudaKernelSymbols symbols, CodeWriter body) =>
        new(new(name, Kernel.Once, grid, perBlock, 1, blocksY, blocksZ, threads, 0,
            [new(Kernel.Name, table, [], [.. symbols.Parameters.Select(p => p.Argument)])]), resident, symbols.Parameters, body);

    private void EmitRow(CodeWriter body, CudaKernelSymbols symbols, Code order, Code name, Access access, int width)
    {
        using (body.Block($"const auto {name} = [&](int r) -> const float*"))
        {
            EmitPosition(body, gemm, order);
            body.Line($"return {symbols.Row(access)}{Inside(gemm, width)};");
        }

        body.Line($";");
    }
}
