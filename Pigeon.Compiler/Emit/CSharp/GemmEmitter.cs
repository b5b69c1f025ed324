using Pigeon.Kernels;

namespace Pigeon.Compiler;

/// <summary>
/// Writes a GEMM kernel: rows in the order of their types, cut into register tiles. A tile keeps its sums in vector registers
/// while it walks the columns of x; x is read through its gather list row by row, so nothing is packed.
/// </summary>
internal sealed class GemmEmitter(CodeWriter writer, CodeWriter methods, KernelSymbols symbols, Kernel kernel, int lanes)
{
    private readonly Contraction gemm = kernel.Contraction!;
    private readonly StageEmitter stages = new(writer, symbols, lanes);

    /// <summary>The rows of the largest tile of a contraction; scratch holds as many.</summary>
    public static int TileRows(Contraction gemm, int lanes)
    {
        if (NarrowGemm.Fits(gemm, lanes))
        {
            return NarrowGemm.TileRows(gemm, lanes);
        }

        int pieces = Groups(gemm.N, lanes).Max(g => g.Pieces.Length);
        return (lanes, pieces) switch
        {
            (16, 1) => 12,
            (16, 2) => 8,
            (_, 1) => 8,
            _ => 6,
        };
    }

    /// <summary>The numbers of a slice that the kernel keeps transposed in scratch; 0 where it reads the slice as it is.</summary>
    public static int PackedFloats(Contraction gemm, int lanes) => NarrowGemm.Fits(gemm, lanes) ? gemm.K * gemm.N : 0;

    /// <summary>Writes the body of the kernel's method, after <c>begin</c>, <c>end</c> and <c>scratch</c>.</summary>
    public void Emit()
    {
        int rows = TileRows(gemm, lanes);
        EmitTile(rows);
        EmitTile(1);
        Code offsets = symbols.Offsets(gemm.Type);
        Code order = symbols.Order(gemm.Type);
        int space = symbols.Program.Space(gemm.Type.To);
        writer.Line($"int type = VectorMath.FindRow({offsets}, this.n{space}, begin);");
        using (writer.Block($"for (int at = begin; at < end;)"))
        {
            using (writer.Block($"while ({offsets}[type + 1] <= at)"))
            {
                writer.Line($"type++;");
            }

            writer.Line($"int stop = Math.Min(end, {offsets}[type + 1]);");
            writer.Line($"float* w = {Slice()};");
            if (NarrowGemm.Fits(gemm, lanes))
            {
                Code packed = Code.Of($"scratch + {symbols.Program.PackedOffset(gemm.Value)}");
                writer.Line($"VectorMath.Transpose({packed}, w, {gemm.K}, {gemm.N});");
                writer.Line($"w = {packed};");
            }

            if (gemm.Lead > 1)
            {
                EmitMatrices(order, rows);
                return;
            }

            EmitTiles(order, rows);
            EmitTiles(order, 1);
        }
    }

    private static IEnumerable<(int Start, (int Start, int Width)[] Pieces)> Groups(int columns, int lanes) =>
        Lanes.Cut(columns, lanes).Chunk(lanes == 16 ? 4 : 2).Select(pieces => (pieces[0].Start, pieces));

    private Code Slice()
    {
        Code row = gemm.Y.Index.Along switch
        {
            Map.Identity => Code.Of($"type"),
            Map.Unit => Code.Of($"0"),
            var map => Code.Of($"{symbols.Values(map)}[type]"),
        };
        return Code.Of($"{symbols.Buffer(gemm.Y.Value)} + (nint){row} * {symbols.Width(gemm.Y.Value)} + {gemm.Y.Offset}");
    }

    private void EmitTiles(Code order, int rows)
    {
        using (writer.Block($"for (; at + {rows} <= stop; at += {rows})"))
        {
            EmitSteps(kernel.Before, order, rows);
            for (int r = 0; r < rows; r++)
            {
                writer.Line($"int i{r} = {order} == null ? at + {r} : {order}[at + {r}];");
                writer.Line($"float* x{r} = {Row(gemm.X.Value, gemm.X.Index.Along, r)} + {gemm.X.Offset};");
                writer.Line($"float* y{r} = {Row(gemm.Value, new Map.Identity(kernel.Rows), r)};");
            }

            EmitPrefetch(order, rows);
            writer.Line($"{TileName(rows)}(w, {Code.Join(Separator.Comma, Enumerable.Range(0, rows).Select(r => Code.Of($"x{r}, y{r}")))});");
            EmitSteps(kernel.After, order, rows);
        }
    }

    /// <summary>Asks for the rows of the next tile, where they are not one after another.</summary>
    private void EmitPrefetch(Code order, int rows)
    {
        int floats = gemm.Blocks * gemm.K;
        if (rows == 1 || symbols.Plan.Storage[gemm.X.Value] != Storage.Buffer || !Prefetch.Pays(floats))
        {
            return;
        }

        using (gemm.X.Index.Along is Map.Identity ? writer.Block($"if ({order} != null)") : writer.Block())
        using (writer.Block($"for (int r = at + {rows}; r < Math.Min(at + {2 * rows}, end); r++)"))
        {
            writer.Line($"int i = {order} == null ? r : {order}[r];");
            Code row = gemm.X.Index.Along is Map.Identity ? Code.Of($"i") : Code.Of($"{symbols.Values(gemm.X.Index.Along)}[i]");
            writer.Line($"float* x = {symbols.Buffer(gemm.X.Value)} + (nint){row} * {symbols.Width(gemm.X.Value)} + {gemm.X.Offset};");
            Prefetch.Row(writer, Code.Of($"x"), floats);
        }
    }

    /// <summary>Rows that are matrices themselves: tiles run inside a row.</summary>
    private void EmitMatrices(Code order, int rows)
    {
        using (writer.Block($"for (; at < stop; at++)"))
        {
            writer.Line($"int i0 = {order} == null ? at : {order}[at];");
            writer.Line($"float* x = {Row(gemm.X.Value, gemm.X.Index.Along, 0)} + {gemm.X.Offset};");
            writer.Line($"float* y = {Row(gemm.Value, new Map.Identity(kernel.Rows), 0)};");
            using (writer.Block($"for (nint b = 0; b < {gemm.Blocks}; b++, w += {gemm.K * gemm.N})"))
            {
                writer.Line($"nint m = 0;");
                foreach (int size in new[] { rows, 1 })
                {
                    using (writer.Block($"for (; m + {size} <= {gemm.Lead}; m += {size}, x += {size * gemm.K}, y += {size * gemm.N})"))
                    {
                        writer.Line($"{TileName(size)}(w, {Code.Join(Separator.Comma, Enumerable.Range(0, size).SelectMany(r => new[]
                        {
                            Code.Of($"x + {r * gemm.K}"), Code.Of($"y + {r * gemm.N}"),
                        }))});");
                    }
                }
            }

            writer.Line($"w -= {(long)gemm.Blocks * gemm.K * gemm.N};");
        }
    }

    private void EmitSteps(EquatableArray<Step> steps, Code order, int rows)
    {
        if (steps.Count == 0)
        {
            return;
        }

        using (writer.Block($"for (int r = 0; r < {rows}; r++)"))
        {
            writer.Line($"int i = {order} == null ? at + r : {order}[at + r];");
            foreach (Step step in steps)
            {
                stages.Emit(step);
            }
        }
    }

    private Code Row(int value, Map along, int r)
    {
        int width = symbols.Width(value);
        if (symbols.Plan.Storage[value] == Storage.Scratch)
        {
            return Code.Of($"scratch + {symbols.Program.ScratchOffset(value) + (r * width)}");
        }

        Code row = along switch
        {
            Map.Identity => Code.Of($"i{r}"),
            Map.Unit => Code.Of($"0"),
            _ => Code.Of($"{symbols.Values(along)}[i{r}]"),
        };
        return Code.Of($"{symbols.Buffer(value)} + (nint){row} * {width}");
    }

    private Code TileName(int rows) => Code.Of($"{Code.Identifier(kernel.Name)}_tile{rows}");

    private void EmitTile(int rows)
    {
        IEnumerable<Code> pointers = Enumerable.Range(0, rows).Select(r => Code.Of($"float* x{r}, float* y{r}"));
        using (methods.Block($"private static void {TileName(rows)}(float* w, {Code.Join(Separator.Comma, pointers)})"))
        {
            if (NarrowGemm.Fits(gemm, lanes))
            {
                NarrowGemm.EmitTile(methods, gemm, rows, lanes);
                return;
            }

            // Rows that are matrices go through a tile block by block, others as a whole: a tile of a small block is short.
            if (gemm.Lead > 1 || gemm.Blocks == 1)
            {
                EmitBlock(rows, default, default);
                return;
            }

            using (methods.Block($"for (nint x = 0, y = 0; x < {gemm.Blocks * gemm.K}; x += {gemm.K}, y += {gemm.N}, w += {gemm.K * gemm.N})"))
            {
                EmitBlock(rows, Code.Of($"x"), Code.Of($"y"));
            }
        }
    }

    /// <summary>Writes a tile of one block, whose columns begin at <paramref name="x"/> and <paramref name="y"/>; empty for 0.</summary>
    private void EmitBlock(int rows, Code x, Code y)
    {
        var groups = Groups(gemm.N, lanes).ToArray();
        int width = groups[0].Pieces.Length * lanes;
        int full = groups.Count(g => g.Pieces.Length == groups[0].Pieces.Length && g.Pieces.All(p => p.Width == lanes));
        if (full > 1)
        {
            using (methods.Block($"for (nint n = 0; n < {full * width}; n += {width})"))
            {
                EmitGroup(rows, groups[0].Pieces, Code.Of($"n"), x, y);
            }
        }

        foreach ((_, (int Start, int Width)[] pieces) in groups.Skip(full > 1 ? full : 0))
        {
            using (methods.Block())
            {
                EmitGroup(rows, pieces, default, x, y);
            }
        }
    }

    private void EmitGroup(int rows, (int Start, int Width)[] pieces, Code column, Code x, Code y)
    {
        Code Column(int start) => column.IsEmpty ? Code.Of($"{start}") : start == 0 ? column : Code.Of($"{column} + {start}");
        Code Stored(int start) => y.IsEmpty ? Column(start) : Code.Of($"{y} + {Column(start)}");
        for (int r = 0; r < rows; r++)
        {
            for (int p = 0; p < pieces.Length; p++)
            {
                methods.Line($"var c{r}_{p} = {Lanes.Constant(pieces[p].Width, 0)};");
            }
        }

        methods.Line($"float* b = w;");
        (Code first, Code end) = x.IsEmpty ? (Code.Of($"0"), Code.Of($"{gemm.K}")) : (x, Code.Of($"{x} + {gemm.K}"));
        using (methods.Block($"for (nint k = {first}; k < {end}; k++, b += {gemm.N})"))
        {
            for (int p = 0; p < pieces.Length; p++)
            {
                methods.Line($"var b{p} = {Lanes.Load(pieces[p].Width, Code.Of($"b"), Column(pieces[p].Start))};");
            }

            for (int r = 0; r < rows; r++)
            {
                foreach (int width in pieces.Select(p => p.Width).Distinct())
                {
                    methods.Line($"var a{r}_{width} = {Lanes.Repeat(width, Code.Of($"x{r}"), Code.Of($"k"))};");
                }

                for (int p = 0; p < pieces.Length; p++)
                {
                    Code sum = Code.Of($"c{r}_{p}");
                    methods.Line($"{sum} = {Lanes.MultiplyAdd(pieces[p].Width, Code.Of($"a{r}_{pieces[p].Width}"), Code.Of($"b{p}"), sum)};");
                }
            }
        }

        for (int r = 0; r < rows; r++)
        {
            for (int p = 0; p < pieces.Length; p++)
            {
                methods.Line($"{Lanes.Store(pieces[p].Width, Code.Of($"y{r}"), Stored(pieces[p].Start), Code.Of($"c{r}_{p}"))}");
            }
        }
    }
}
