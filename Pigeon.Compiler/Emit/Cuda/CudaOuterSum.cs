using Pigeon.Kernels;

namespace Pigeon.Compiler;

/// <summary>
/// Writes a weight gradient: blocks for runs of rows of one type, and for tiles of the result. Results of a type with several runs are
/// joined by a second launch in the order of the runs.
/// </summary>
internal sealed class CudaOuterSum(Plan plan, Kernel kernel, ProgramSymbols program, List<GpuTiling> tilings, GemmPrecision precision)
    : CudaKernel(plan, kernel, program)
{
    private const int RunRows = 256;
    private const int JoinThreads = 256;
    private readonly Contraction gemm = kernel.Contraction!;

    /// <summary>Writes both kernels, and describes their launches.</summary>
    public IEnumerable<GpuLaunchSignature> Emit(CodeWriter writer)
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
        Code runs = symbols.Table(GpuArgumentKind.Workspace, table);
        Code order = symbols.Order(gemm.Type);
        Code sums = symbols.Buffer(gemm.Value);
        int across = GemmTile.Count(gemm.N, columns);
        body.Line($"typedef PgOuter<{GemmTile.OuterProduct(precision, rows, columns)}, {Aligned(gemm.X, gemm.K)}, {Aligned(gemm.Y, gemm.N)}> Tile;");
        body.Line($"__shared__ __align__(16) float staging[Tile::SharedFloats];");
        body.Line($"const int type = {types}[blockIdx.x], start = {starts}[blockIdx.x], count = {starts}[blockIdx.x + 1] - start;");
        body.Line($"const int k = blockIdx.y / {across} * {rows}, n = blockIdx.y % {across} * {columns}, b = blockIdx.z;");
        body.Line($"const bool alone = {tiles}[type + 1] - {tiles}[type] == 1;");
        body.Line($"float* to = (alone ? {sums} + (long long)type * {width} : {runs} + (long long)blockIdx.x * {width}) + b * {gemm.K * gemm.N};");
        EmitRow(body, symbols, order, Code.Of($"x"), gemm.X, gemm.K);
        EmitRow(body, symbols, order, Code.Of($"y"), gemm.Y, gemm.N);
        using (body.Block($"const auto store = [&](int row, int c, const float (&values)[4], int left)"))
        {
            body.Line($"pg_put4<{(gemm.N % 4 == 0 ? Code.Of($"true") : Code.Of($"false"))}>(to + row * {gemm.N} + c, values, left);");
        }

        body.Line($";");
        body.Line($"Tile::run(x, y, count, k, {gemm.K}, n, {gemm.N}, staging, store);");
        writer.Line();
        int resident = Math.Max(1, Math.Min(16, GemmTile.ResidentThreads / threads));
        using (writer.Block($"extern \"C\" __global__ void __launch_bounds__({threads}, {resident}) {Name}({symbols.Declarations})"))
        {
            writer.Lines(body);
        }

        CudaKernelSymbols join = Symbols(places: null);
        (Code value, Code parts, Code first) = (join.Buffer(gemm.Value), join.Table(GpuArgumentKind.Workspace, table),
            join.Table(GpuArgumentKind.TypeTiles, table));
        Code size = join.Size(gemm.Type.To);
        writer.Line();
        using (writer.Block($"extern \"C\" __global__ void __launch_bounds__({JoinThreads}) {Name}_join({join.Declarations})"))
        {
            writer.Line($"pg_join_runs({value}, {parts}, {first}, {size}, {width});");
        }

        return
        [
            new(Kernel.Name, Kernel.Once, GpuGridKind.Tiles, table, 1, 1, GemmTile.Count(gemm.K, rows) * across, gemm.Blocks, threads, [], 0,
                symbols.Arguments),
            new($"{Kernel.Name}_join", Kernel.Once, GpuGridKind.Results, table, JoinThreads, 1, 1, 1, JoinThreads, [], 0, join.Arguments),
        ];
    }

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
