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

    /// <summary>Reserves scratch for a slice that is transposed, and for the slice and the rows of a tile that are narrow in memory.</summary>
    public static void ReserveOperands(Contraction gemm, Plan plan, int lanes, ProgramSymbols symbols)
    {
        if (NarrowGemm.Fits(gemm, lanes) || plan.Elements[gemm.Y.Value] != ElementType.F32)
        {
            symbols.ReservePacked(gemm.Value, checked(gemm.Blocks * gemm.K * gemm.N));
        }

        if (plan.Elements[gemm.X.Value] != ElementType.F32)
        {
            int rows = gemm.Lead > 1 ? 1 : TileRows(gemm, lanes);
            symbols.ReserveWidened(gemm.Value, checked(rows * gemm.Blocks * gemm.Lead * gemm.K));
        }
    }

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
            EmitSlice();

            if (gemm.Lead > 1)
            {
                EmitMatrices(order, rows);
                return;
            }

            EmitTiles(order, rows);
            EmitTiles(order, 1);
        }
    }

    /// <summary>Writes the product of the row <c>i</c> at position <c>at</c>, whose steps before are done, and the steps after it.</summary>
    public void EmitAlone()
    {
        writer.Line($"int type = VectorMath.FindRow({symbols.Offsets(gemm.Type)}, this.n{symbols.Program.Space(gemm.Type.To)}, at);");
        EmitSlice();
        writer.Line($"int i0 = i;");
        EmitX(Code.Of($"x0"), 0);
        writer.Line($"{ResultPointer} y0 = {Row(gemm.Value, new Map.Identity(kernel.Rows), 0)};");
        writer.Line($"{TileName(1)}(w, x0, y0);");
        foreach (Step step in kernel.After)
        {
            stages.Emit(step);
        }
    }

    private Code ResultPointer => Lanes.Pointer(symbols.Element(gemm.Value));

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

    /// <summary>Declares <c>w</c>, the slice of the type: in memory, or in scratch where it is transposed or widened.</summary>
    private void EmitSlice()
    {
        bool isNarrow = symbols.Element(gemm.Y.Value) != ElementType.F32;
        if (!NarrowGemm.Fits(gemm, lanes) && !isNarrow)
        {
            writer.Line($"float* w = {Slice()};");
            return;
        }

        writer.Line($"float* w = scratch + {symbols.Program.PackedOffset(gemm.Value)};");
        writer.Line($"{(NarrowGemm.Fits(gemm, lanes)
            ? Code.Of($"{(isNarrow ? Code.Of($"Bf16") : Code.Of($"VectorMath"))}.Transpose(w, {Slice()}, {gemm.K}, {gemm.N});")
            : Code.Of($"Bf16.Widen(w, {Slice()}, {gemm.Blocks * gemm.K * gemm.N});"))}");
    }

    /// <summary>Declares a pointer to the floats of a row of x, widened in the scratch of its place in the tile where it is narrow in memory.</summary>
    private void EmitX(Code name, int r)
    {
        Code row = Code.Of($"{Row(gemm.X.Value, gemm.X.Index.Along, r)} + {gemm.X.Offset}");
        if (symbols.Element(gemm.X.Value) == ElementType.F32)
        {
            writer.Line($"float* {name} = {row};");
            return;
        }

        int numbers = gemm.Blocks * gemm.Lead * gemm.K;
        writer.Line($"float* {name} = scratch + {symbols.Program.WidenedOffset(gemm.Value) + (r * numbers)};");
        writer.Line($"Bf16.Widen({name}, {row}, {numbers});");
    }

    private void EmitTiles(Code order, int rows)
    {
        using (writer.Block($"for (; at + {rows} <= stop; at += {rows})"))
        {
            EmitSteps(kernel.Before, order, rows);
            for (int r = 0; r < rows; r++)
            {
                writer.Line($"int i{r} = {order} == null ? at + {r} : {order}[at + {r}];");
                EmitX(Code.Of($"x{r}"), r);
                writer.Line($"{ResultPointer} y{r} = {Row(gemm.Value, new Map.Identity(kernel.Rows), r)};");
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
            ElementType element = symbols.Element(gemm.X.Value);
            writer.Line($"{Lanes.Pointer(element)} x = {symbols.Buffer(gemm.X.Value)} + (nint){row} * {symbols.Width(gemm.X.Value)} + {gemm.X.Offset};");
            Prefetch.Row(writer, Code.Of($"x"), floats, element);
        }
    }

    /// <summary>Rows that are matrices themselves: tiles run inside a row.</summary>
    private void EmitMatrices(Code order, int rows)
    {
        using (writer.Block($"for (; at < stop; at++)"))
        {
            writer.Line($"int i0 = {order} == null ? at : {order}[at];");
            EmitX(Code.Of($"x"), 0);
            writer.Line($"{ResultPointer} y = {Row(gemm.Value, new Map.Identity(kernel.Rows), 0)};");
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
        IEnumerable<Code> pointers = Enumerable.Range(0, rows).Select(r => Code.Of($"float* x{r}, {ResultPointer} y{r}"));
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
                methods.Line($"{Lanes.Store(pieces[p].Width, Code.Of($"y{r}"), Stored(pieces[p].Start), Code.Of($"c{r}_{p}"), symbols.Element(gemm.Value))}");
            }
        }
    }
}
