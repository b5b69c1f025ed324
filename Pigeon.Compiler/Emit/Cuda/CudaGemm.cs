using Pigeon.Kernels;

namespace Pigeon.Compiler;

/// <summary>
/// Writes a GEMM: a block for each tile of rows of one type. With steps before or after, the block computes all columns of its rows, and
/// x or the product stay in shared memory; without, blocks share the columns too.
/// </summary>
internal sealed class CudaGemm(Plan plan, Kernel kernel, ProgramSymbols program, List<GpuTiling> tilings, GemmPrecision precision)
    : CudaKernel(plan, kernel, program)
{
    private const int SharedFloats = 12 * 1024;
    private readonly Contraction gemm = kernel.Contraction!;

    private bool HasSteps => Kernel.Before.Count > 0 || Kernel.After.Count > 0;

    /// <summary>Writes the kernel.</summary>
    public CudaFunction Emit()
    {
        int columns = GemmTile.Columns(gemm.N);
        int threads = GemmTile.Threads(precision, columns);
        int lanes = Math.Min(Lanes(), 32);
        var places = new CudaPlaces(Plan, Kernel, lanes);
        bool computesX = places.Computes(gemm.X.Value);
        if (computesX && (gemm.X.Offset != 0 || (gemm.Blocks > 1 && gemm.K % GemmTile.Depth != 0)))
        {
            places.Demoted.Add(gemm.X.Value);
        }

        (int stagedX, int stagedW) = GemmTile.StagedFloats(precision, columns);
        places.Share((SharedFloats - stagedX - stagedW) / GemmTile.Rows);
        bool shares = computesX && !places.IsInBuffer(gemm.X.Value);
        CudaKernelSymbols symbols = Symbols(places);
        var tiling = new GpuTiling(Program.Index(gemm.Type, null), GemmTile.Rows, gemm.Lead);
        int table = tilings.IndexOf(tiling);
        if (table < 0)
        {
            table = tilings.Count;
            tilings.Add(tiling);
        }

        var body = new CodeWriter();
        Code types = symbols.Table(GpuArgumentKind.TileTypes, table);
        Code starts = symbols.Table(GpuArgumentKind.TileStarts, table);
        Code order = symbols.Order(gemm.Type);
        body.Line($"typedef PgGemm<{GemmTile.Product(precision, columns)}, {Aligned(gemm.X, gemm.K)}, {Aligned(gemm.Y, gemm.N)}> Tile;");
        body.Line($"__shared__ __align__(16) float staging[{(shares ? Code.Of($"Tile::SharedFloatsOfW") : Code.Of($"Tile::SharedFloats"))}];");
        if (places.SharedFloats > 0)
        {
            body.Line($"__shared__ __align__(16) float tile[{places.SharedFloats * GemmTile.Rows}];");
        }

        body.Line($"const int type = {types}[block], start = {starts}[block], count = {starts}[block + 1] - start;");
        body.Line($"const float* w = {CudaKernelSymbols.Row(symbols.Buffer(gemm.Y.Value, gemm.Y.Offset), Slice(symbols), symbols.Width(gemm.Y.Value))};");
        if (HasSteps)
        {
            EmitGroup(body, lanes);
        }

        if (places.SharedPadding().Any())
        {
            // Only x has padding. All of it is cleared, since neighbouring threads then write to different banks.
            using (body.Block($"for (int t = threadIdx.x; t < {GemmTile.Rows * places.SharedStride(gemm.X.Value)}; t += {threads})"))
            {
                body.Line($"tile[{places.SharedOffset(gemm.X.Value) * GemmTile.Rows} + t] = 0.0f;");
            }

            body.Line($"__syncthreads();");
        }

        var stages = new CudaStages(body, symbols, places, Kernel, lanes, threads, parts: 1);
        EmitSteps(body, stages, order, phase: 0, lanes, threads);
        if (shares)
        {
            EmitPadding(body, places, threads);
        }

        if (Kernel.Before.Count > 0)
        {
            body.Line($"__syncthreads();");
        }

        EmitProduct(body, symbols, places, order, columns, shares);
        if (Kernel.After.Count > 0)
        {
            body.Line($"__syncthreads();");
            EmitSteps(body, stages, order, phase: 1, lanes, threads);
        }

        var member = new GpuLaunchMember(Kernel.Name, table, [], [.. symbols.Parameters.Select(p => p.Argument)]);
        return new(new(Kernel.Name, Kernel.Once, GpuGridKind.Tiles, 1, 1, HasSteps ? 1 : GemmTile.Count(gemm.N, columns),
            HasSteps ? 1 : gemm.Blocks, threads, 0, [member]), GemmTile.ResidentThreads / threads, symbols.Parameters, body);
    }

    private void EmitSteps(CodeWriter body, CudaStages stages, Code order, int phase, int lanes, int threads)
    {
        EquatableArray<Step> steps = phase == 0 ? Kernel.Before : Kernel.After;
        if (steps.Count == 0)
        {
            return;
        }

        // Rows that are taken together need registers of their own; loops over neighbours have their own unrolling.
        body.Line($"{(steps.Any(s => s.Loop is not null) ? Code.Of($"PG_NO_UNROLL") : Code.Of($"PG_UNROLL_TWICE"))}");
        using (body.Block($"for (int r = {FirstRow(lanes)}; r < count; r += {threads / lanes})"))
        {
            body.Line($"const int i = pg_at({order}, start + r);");
            stages.Emit(phase);
        }
    }

    /// <summary>
    /// The first row of a group of lanes. Groups of a warp take rows that are so far apart that what their lanes read, a number each, is in
    /// different banks: rows are an odd number of vectors apart, so of every 8 rows groups of 16 lanes take each 4th, of 8 lanes each 2nd.
    /// </summary>
    private static Code FirstRow(int lanes)
    {
        const int Rows = 8;
        int apart = lanes / 4;
        return apart is <= 1 or >= Rows ? Code.Of($"threadIdx.x / {lanes}")
            : Code.Of($"threadIdx.x / {Rows * lanes} * {Rows} + threadIdx.x / {lanes} % {Rows / apart} * {apart} + threadIdx.x / {lanes} % {Rows} / {Rows / apart}");
    }

    /// <summary>Zeros beyond the rows and the columns of x: the multiplication takes whole tiles.</summary>
    private void EmitPadding(CodeWriter body, CudaPlaces places, int threads)
    {
        (int offset, int stride) = (places.SharedOffset(gemm.X.Value), places.SharedStride(gemm.X.Value));
        using (body.Block($"for (int t = threadIdx.x; t < {GemmTile.Rows * stride}; t += {threads})"))
        {
            using (body.Block($"if (t / {stride} >= count || t % {stride} >= {places.Width(gemm.X.Value)})"))
            {
                body.Line($"tile[{offset * GemmTile.Rows} + t] = 0.0f;");
            }
        }
    }

    private void EmitProduct(CodeWriter body, CudaKernelSymbols symbols, CudaPlaces places, Code order, int columns, bool shares)
    {
        if (!HasSteps)
        {
            body.Line($"const int n = blockIdx.y * {columns}, b = blockIdx.z;");
            EmitTile(body, symbols, places, order, shares);
            return;
        }

        using (body.Block($"for (int b = 0; b < {gemm.Blocks}; b++)"))
        using (body.Block($"for (int n = 0; n < {gemm.N}; n += {columns})"))
        {
            EmitTile(body, symbols, places, order, shares);
        }
    }

    private void EmitTile(CodeWriter body, CudaKernelSymbols symbols, CudaPlaces places, Code order, bool shares)
    {
        Code block = gemm.Blocks == 1 ? Code.Of($"w") : Code.Of($"w + (long long)b * {gemm.K * gemm.N}");
        using (body.Block($"const auto store = [&](int r, int c, const float (&values)[4], int left)"))
        {
            Code vectors = gemm.N % 4 == 0 ? Code.Of($"true") : Code.Of($"false");
            if (places.IsInBuffer(gemm.Value))
            {
                using (body.Block($"if (r < count)"))
                {
                    EmitPosition(body, gemm, order);
                    Code to = CudaKernelSymbols.Row(symbols.Buffer(gemm.Value), Code.Of($"i"), symbols.Width(gemm.Value));
                    body.Line($"pg_put4<{vectors}, true>({to}{Inside(gemm, gemm.N)} + c, values, left);");
                }
            }
            else
            {
                // A tile has room for rows that are not there: all lanes store.
                body.Line($"pg_put4<{vectors}, false>(tile + {places.SharedOffset(gemm.Value) * GemmTile.Rows} + r * {places.SharedStride(gemm.Value)}{Inside(gemm, gemm.N)} + c, values, left);");
            }
        }

        body.Line($";");
        if (shares)
        {
            body.Line($"const float* x = tile + {places.SharedOffset(gemm.X.Value) * GemmTile.Rows} + b * {gemm.K};");
            body.Line($"Tile::run_shared(x, {places.SharedStride(gemm.X.Value)}, {block}, {gemm.K}, n, {gemm.N}, staging, store);");
            return;
        }

        using (body.Block($"const auto row = [&](int r) -> const float*"))
        {
            using (body.Block($"if (r >= count)"))
            {
                body.Line($"return nullptr;");
            }

            EmitPosition(body, gemm, order);
            body.Line($"return {symbols.Row(gemm.X)}{Inside(gemm, gemm.K)};");
        }

        body.Line($";");
        body.Line($"Tile::run(row, {block}, {gemm.K}, n, {gemm.N}, staging, store);");
    }

    private Code Slice(CudaKernelSymbols symbols) => gemm.Y.Index.Along switch
    {
        Map.Identity => Code.Of($"type"),
        Map.Unit => Code.Of($"0"),
        var map => Code.Of($"{symbols.Values(map)}[type]"),
    };
}
