using Pigeon.Kernels;

namespace Pigeon.Compiler;

/// <summary>
/// Writes a weight gradient: rows in the order of their types, summed as outer products in register tiles, a bunch of rows at a
/// time so that they stay in the cache while the tiles walk over them. A thread sums the types that begin in its part in place; the
/// end of a type that began in an earlier part goes to the thread's scratch, and is added afterwards in the order of the threads.
/// Where y is narrow, vectors run along x, and the sum is transposed when a type is done.
/// </summary>
internal sealed class OuterSumEmitter(CodeWriter writer, CodeWriter methods, KernelSymbols symbols, Kernel kernel, int number, int lanes)
{
    private const int BunchRows = 32;
    private const int TileRows = 6;
    private const int LargestTransposed = 4096;
    private readonly Contraction gemm = kernel.Contraction!;

    private bool Narrow => gemm is { Blocks: 1, Lead: 1 } && gemm.N <= lanes / 2 && gemm.K >= 2 * lanes && gemm.K * gemm.N <= LargestTransposed;

    /// <summary>The extent that is cut into the rows of tiles: the columns of x, or of y where that is narrow.</summary>
    private int Height => Narrow ? gemm.N : gemm.K;

    /// <summary>The extent that vectors run along.</summary>
    private int Width => Narrow ? gemm.K : gemm.N;

    private Code Name => Code.Identifier(kernel.Name);

    private bool Widens => IsNarrow(gemm.X) || IsNarrow(gemm.Y);

    /// <summary>Reserves scratch for the rows of a bunch that are narrow in memory.</summary>
    public static void ReserveWidened(Contraction gemm, Plan plan, ProgramSymbols symbols)
    {
        int floats = (plan.Elements[gemm.X.Value] != ElementType.F32 ? Numbers(gemm, gemm.K) : 0) +
            (plan.Elements[gemm.Y.Value] != ElementType.F32 ? Numbers(gemm, gemm.N) : 0);
        if (floats > 0)
        {
            symbols.ReserveWidened(gemm.Value, checked(BunchRows * floats));
        }
    }

    private static int Numbers(Contraction gemm, int columns) => gemm.Blocks * gemm.Lead * columns;

    private bool IsNarrow(Access access) => symbols.Element(access.Value) != ElementType.F32;

    /// <summary>Writes the body of the kernel's method, after <c>begin</c>, <c>end</c> and <c>scratch</c>.</summary>
    public void Emit()
    {
        Code offsets = symbols.Offsets(gemm.Type);
        int types = symbols.Program.Space(gemm.Type.To);
        int width = symbols.Width(gemm.Value);
        Code sums = symbols.Buffer(gemm.Value);
        int partial = symbols.Program.ScratchOffset(gemm.Value);
        writer.Line($"int type = VectorMath.FirstRow({offsets}, this.n{types}, begin);");
        writer.Line($"int head = Math.Min(end, {offsets}[type]);");
        using (writer.Block($"if (begin < head)"))
        {
            writer.Line($"{Name}_rows({Wide(Code.Of($"scratch"))}scratch + {partial}, begin, head);");
        }

        writer.Line($"bool last = part == this.splits[{number}].Length - 2;");
        using (writer.Block($"for (; type < this.n{types} && ({offsets}[type] < end || last); type++)"))
        {
            writer.Line($"{Name}_rows({Wide(Code.Of($"scratch"))}{sums} + (nint)type * {width}, {offsets}[type], Math.Min(end, {offsets}[type + 1]));");
        }

        EmitJoin(types, width, partial);
        EmitRows(width);
        EmitTile(Math.Min(TileRows, Height));
        if (Height > TileRows && Height % TileRows != 0)
        {
            EmitTile(Height % TileRows);
        }
    }

    private void EmitJoin(int types, int width, int partial)
    {
        var local = new KernelSymbols(symbols.Program, symbols.Plan, tiled: false);
        Code offsets = local.Offsets(gemm.Type);
        Code sums = local.Buffer(gemm.Value);
        methods.Line();
        using (methods.Block($"private void {Name}_join()"))
        {
            foreach (Code declaration in local.Locals)
            {
                methods.Line($"{declaration}");
            }

            using (methods.Block($"for (int part = 1; part < this.splits[{number}].Length - 1; part++)"))
            {
                methods.Line($"int begin = this.splits[{number}][part];");
                methods.Line($"int type = VectorMath.FirstRow({offsets}, this.n{types}, begin);");
                using (methods.Block($"if (begin < Math.Min(this.splits[{number}][part + 1], {offsets}[type]))"))
                {
                    methods.Line($"VectorMath.Add({sums} + (nint)(type - 1) * {width}, ScratchOf(part) + {partial}, {width});");
                }
            }
        }
    }

    private void EmitRows(int width)
    {
        var local = new KernelSymbols(symbols.Program, symbols.Plan, tiled: false);
        var body = new CodeWriter();
        Code order = local.Order(gemm.Type);
        if (Narrow)
        {
            body.Line($"float* sum = stackalloc float[{width}];");
        }

        Code sum = Narrow ? Code.Of($"sum") : Code.Of($"c");
        body.Line($"new Span<float>({sum}, {width}).Clear();");
        body.Line($"float** xs = stackalloc float*[{BunchRows}];");
        body.Line($"float** ys = stackalloc float*[{BunchRows}];");
        using (body.Block($"for (int at = from; at < to; at += {BunchRows})"))
        {
            body.Line($"int rows = Math.Min({BunchRows}, to - at);");
            body.Line($"int next = at + rows;");
            using (body.Block($"for (int r = 0; r < rows; r++)"))
            {
                body.Line($"int i = {order} == null ? at + r : {order}[at + r];");
                EmitRow(body, local, gemm.X, Narrow ? Code.Of($"ys") : Code.Of($"xs"), gemm.K, 0);
                EmitRow(body, local, gemm.Y, Narrow ? Code.Of($"xs") : Code.Of($"ys"), gemm.N, IsNarrow(gemm.X) ? BunchRows * Numbers(gemm, gemm.K) : 0);
            }

            using (body.Block($"for (nint b = 0; b < {gemm.Blocks}; b++)"))
            using (body.Block($"for (nint m = 0; m < {gemm.Lead}; m++)"))
            {
                int tile = Math.Min(TileRows, Height);
                int full = Height / tile * tile;
                body.Line($"nint x = (b * {gemm.Lead} + m) * {Height};");
                body.Line($"nint y = (b * {gemm.Lead} + m) * {Width};");
                using (body.Block($"for (nint k = 0; k < {full}; k += {tile})"))
                {
                    body.Line($"{Name}_tile{tile}({sum} + (b * {Height} + k) * {Width}, xs, ys, rows, x + k, y);");
                    EmitPrefetch(body, local, order, Math.Max(1, full / tile * gemm.Blocks * gemm.Lead));
                }

                if (full < Height)
                {
                    body.Line($"{Name}_tile{Height - full}({sum} + (b * {Height} + {full}) * {Width}, xs, ys, rows, x + {full}, y);");
                }
            }
        }

        if (Narrow)
        {
            body.Line($"VectorMath.Transpose(c, sum, {gemm.N}, {gemm.K});");
        }

        methods.Line();
        using (methods.Block($"private void {Name}_rows({Wide(Code.Of($"float* scratch"))}float* c, int from, int to)"))
        {
            foreach (Code declaration in local.Locals)
            {
                methods.Line($"{declaration}");
            }

            methods.Lines(body);
        }
    }

    /// <summary>An argument or a parameter that only kernels of narrow rows have.</summary>
    private Code Wide(Code text) => Widens ? Code.Of($"{text}, ") : default;

    /// <summary>Points to a row of the bunch: in memory, or widened in scratch.</summary>
    private void EmitRow(CodeWriter body, KernelSymbols local, Access access, Code pointers, int columns, int offset)
    {
        if (!IsNarrow(access))
        {
            body.Line($"{pointers}[r] = {Row(local, access)};");
            return;
        }

        int numbers = Numbers(gemm, columns);
        body.Line($"{pointers}[r] = scratch + {symbols.Program.WidenedOffset(gemm.Value) + offset} + r * {numbers};");
        body.Line($"Bf16.Widen({pointers}[r], {Row(local, access)}, {numbers});");
    }

    /// <summary>After each tile, asks for a few of the rows of the next bunch: all have come when the bunch begins.</summary>
    private void EmitPrefetch(CodeWriter body, KernelSymbols local, Code order, int tiles)
    {
        int rows = (BunchRows + tiles - 1) / tiles;
        using (body.Block($"for (int stop = Math.Min(next + {rows}, Math.Min(to, at + rows + {BunchRows})); next < stop; next++)"))
        {
            body.Line($"int i = {order} == null ? next : {order}[next];");
            foreach ((Access access, int width) in new[] { (gemm.X, gemm.K), (gemm.Y, gemm.N) })
            {
                Prefetch.Row(body, Code.Of($"{Row(local, access)}"), Numbers(gemm, width), symbols.Element(access.Value));
            }
        }
    }

    private static Code Row(KernelSymbols local, Access access)
    {
        Code row = access.Index.Along switch
        {
            Map.Identity => Code.Of($"i"),
            Map.Unit => Code.Of($"0"),
            var map => Code.Of($"{local.Values(map)}[i]"),
        };
        return Code.Of($"{local.Buffer(access.Value)} + (nint){row} * {local.Width(access.Value)} + {access.Offset}");
    }

    private void EmitTile(int rows)
    {
        methods.Line();
        using (methods.Block($"private static void {Name}_tile{rows}(float* c, float** xs, float** ys, int rows, nint x, nint y)"))
        {
            foreach ((int Start, int Width)[] pieces in Lanes.Cut(Width, lanes).Chunk(lanes == 16 ? 4 : 2))
            {
                using (methods.Block())
                {
                    EmitGroup(rows, pieces);
                }
            }
        }
    }

    private void EmitGroup(int rows, (int Start, int Width)[] pieces)
    {
        ForEach((k, p) => methods.Line($"var c{k}_{p} = {Lanes.Load(pieces[p].Width, Code.Of($"c"), At(k, p))};"));
        using (methods.Block($"for (int r = 0; r < rows; r++)"))
        {
            methods.Line($"float* a = xs[r] + x;");
            methods.Line($"float* b = ys[r] + y;");
            for (int p = 0; p < pieces.Length; p++)
            {
                methods.Line($"var b{p} = {Lanes.Load(pieces[p].Width, Code.Of($"b"), Code.Of($"{pieces[p].Start}"))};");
            }

            ForEach((k, p) => methods.Line($"c{k}_{p} = {Lanes.MultiplyAdd(pieces[p].Width,
                Lanes.Repeat(pieces[p].Width, Code.Of($"a"), Code.Of($"{k}")), Code.Of($"b{p}"), Code.Of($"c{k}_{p}"))};"));
        }

        ForEach((k, p) => methods.Line($"{Lanes.Store(pieces[p].Width, Code.Of($"c"), At(k, p), Code.Of($"c{k}_{p}"))}"));

        Code At(int k, int p) => Code.Of($"{(k * Width) + pieces[p].Start}");

        void ForEach(Action<int, int> body)
        {
            for (int k = 0; k < rows; k++)
            {
                for (int p = 0; p < pieces.Length; p++)
                {
                    body(k, p);
                }
            }
        }
    }
}
