using Pigeon.Kernels;

namespace Pigeon.Compiler;

/// <summary>
/// Writes a GEMM kernel: rows in the order of their types, cut into register tiles. A tile keeps its sums in vector registers
/// while it walks the columns of x; x is read through its gather list row by row, so nothing is packed. The rows that remain of a type go
/// through tiles of half as many and of one, with more columns at a time, so that they have as many independent sums.
/// </summary>
internal sealed partial class GemmEmitter(CodeWriter writer, KernelSymbols symbols, Kernel kernel, int lanes)
{
    /// <summary>Steps of the loop over the columns of x in one: a short loop's end is foreseen, a long one's is not.</summary>
    private const int Unrolled = 4;

    private const int LeastUnrolled = 16;
    private readonly Contraction gemm = kernel.Contraction!;
    private readonly StageEmitter stages = new(writer, symbols, lanes);
    private readonly int[] streamed = Streams(kernel.Contraction!, lanes) ? Streaming.Of(kernel, symbols) : [];
    private CodeWriter tile = new();

    /// <summary>The rows that go through steps and product together; scratch holds as many.</summary>
    public static int RowsTogether(Contraction gemm, int lanes) => IsBlocked(gemm, lanes) ? BlockRows : TileRows(gemm, lanes);

    private static int TileRows(Contraction gemm, int lanes)
    {
        if (NarrowGemm.Fits(gemm, lanes))
        {
            return NarrowGemm.TileRows(gemm, lanes);
        }

        int pieces = Math.Min(GroupPieces(lanes), Lanes.Cover(gemm.N, lanes).Count());
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
        bool isBlocked = IsBlocked(gemm, lanes);
        if (NarrowGemm.Fits(gemm, lanes) || isBlocked || plan.Elements[gemm.Y.Value] != ElementType.F32)
        {
            symbols.ReservePacked(gemm.Value, checked(gemm.Blocks * (isBlocked ? PackedFloats(gemm, lanes) : gemm.K * gemm.N)));
        }

        if (isBlocked)
        {
            symbols.ReserveWidened(gemm.Value, Math.Max(BlockFloats(gemm, plan), checked(gemm.Blocks * gemm.K)));
        }
        else if (plan.Elements[gemm.X.Value] != ElementType.F32)
        {
            int rows = gemm.Lead > 1 ? 1 : TileRows(gemm, lanes);
            symbols.ReserveWidened(gemm.Value, checked(rows * gemm.Blocks * gemm.Lead * gemm.K));
        }
    }

    /// <summary>Writes the body of the kernel's method, after <c>begin</c>, <c>end</c> and <c>scratch</c>.</summary>
    public void Emit()
    {
        int[] sizes = TileSizes();
        Code offsets = symbols.Offsets(gemm.Type);
        Code order = symbols.Order(gemm.Type);
        int space = symbols.Program.Space(gemm.Type.To);
        foreach (int value in streamed)
        {
            Streaming.Declare(symbols, value);
        }

        writer.Line($"int type = VectorMath.FindRow({offsets}, this.n{space}, begin);");
        using (writer.Block($"for (int at = begin; at < end;)"))
        {
            using (writer.Block($"while ({offsets}[type + 1] <= at)"))
            {
                writer.Line($"type++;");
            }

            writer.Line($"int stop = Math.Min(end, {offsets}[type + 1]);");
            if (IsBlocked(gemm, lanes))
            {
                EmitBlocked(order, sizes);
                return;
            }

            EmitSlice();

            if (gemm.Lead > 1)
            {
                EmitMatrices(order, sizes);
                return;
            }

            EmitTiles(order, sizes);
        }

        if (streamed.Length > 0)
        {
            writer.Line($"VectorMath.EndStreams();");
        }
    }

    /// <summary>Writes the product of the row <c>i</c> at position <c>at</c>, whose steps before are done, and the steps after it.</summary>
    public void EmitAlone()
    {
        writer.Line($"int type = VectorMath.FindRow({symbols.Offsets(gemm.Type)}, this.n{symbols.Program.Space(gemm.Type.To)}, at);");
        EmitSlice();
        writer.Line($"int i0 = i;");
        EmitX(Code.Of($"x0"), 0, Code.Of($"0"));
        writer.Line($"{ResultPointer} y0 = {Row(gemm.Value, new Map.Identity(kernel.Rows), 0, Code.Of($"0"))};");
        writer.Line($"{Tile(1)}(w, x0, y0);");
        stages.Emit(kernel.After.Items);
    }

    // Sums of blocks wait in the rows of y, and rows that are matrices have no steps after.
    private static bool Streams(Contraction gemm, int lanes) => !IsBlocked(gemm, lanes) && gemm.Lead == 1;

    private Code ResultPointer => Lanes.Pointer(symbols.Element(gemm.Value));

    /// <summary>The vectors of a row whose sums a tile of the most rows keeps in registers.</summary>
    private static int GroupPieces(int lanes) => lanes == 16 ? 4 : 2;

    /// <summary>The columns of y in groups: as many vectors each as there are registers for the sums of all rows.</summary>
    private static (int Start, int Width)[][] Groups(int columns, int lanes, int rows) =>
        [.. Lanes.Cover(columns, lanes).Chunk(Math.Max(GroupPieces(lanes), (lanes == 16 ? 24 : 12) / rows))];

    /// <summary>The rows of tiles, largest first; the last is one.</summary>
    private int[] TileSizes()
    {
        int rows = TileRows(gemm, lanes);
        return NarrowGemm.Fits(gemm, lanes) ? [rows, 1] : [rows, rows / 2, 1];
    }

    private Code Slice()
    {
        Code row = gemm.Y.Index.Along switch
        {
            Map.Identity => Code.Of($"type"),
            Map.Unit => Code.Of($"0"),
            var map => Code.Of($"{symbols.Values(map)}[type]"),
        };
        return Lanes.AtRow(symbols.Buffer(gemm.Y.Value), row, symbols.Width(gemm.Y.Value), gemm.Y.Offset);
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
    private void EmitX(Code name, int r, Code place)
    {
        Code row = Row(gemm.X.Value, gemm.X.Index.Along, r, place, gemm.X.Offset);
        if (symbols.Element(gemm.X.Value) == ElementType.F32)
        {
            writer.Line($"float* {name} = {row};");
            return;
        }

        int numbers = gemm.Blocks * gemm.Lead * gemm.K;
        writer.Line($"float* {name} = scratch + {symbols.Program.WidenedOffset(gemm.Value)} + {place} * {numbers};");
        writer.Line($"Bf16.Widen({name}, {row}, {numbers});");
    }

    private void EmitTiles(Code order, int[] sizes)
    {
        using (writer.Block($"for (int rows; at < stop; at += rows)"))
        {
            writer.Line($"rows = Math.Min({sizes[0]}, stop - at);");
            if (AsksAhead)
            {
                BeginAhead(order);
                EmitSteps(kernel.Before, order);
                stages.AsksUntil = default;
                using (writer.Block($"if (isFar)"))
                {
                    EmitAhead(order, sizes[0]);
                }

                using (writer.Block($"else"))
                {
                    EmitPrefetch(order, sizes[0]);
                }
            }
            else
            {
                EmitSteps(kernel.Before, order);
                EmitPrefetch(order, sizes[0]);
            }

            PrefetchResults(order);
            writer.Line($"int t = 0;");
            foreach (int size in sizes)
            {
                using (writer.Block($"for (; t + {size} <= rows; t += {size})"))
                {
                    for (int r = 0; r < size; r++)
                    {
                        Code place = r == 0 ? Code.Of($"t") : Code.Of($"(t + {r})");
                        writer.Line($"int i{r} = {order} == null ? at + {place} : {order}[at + {place}];");
                        EmitX(Code.Of($"x{r}"), r, place);
                        writer.Line($"{ResultPointer} y{r} = {Row(gemm.Value, new Map.Identity(kernel.Rows), r, place)};");
                        PrefetchResult(Code.Of($"y{r}"));
                    }

                    Code operands = Code.Of($"w, {Code.Join(Separator.Comma, Enumerable.Range(0, size).Select(r => Code.Of($"x{r}, y{r}")))}");
                    if (AsksAhead && size == sizes[0])
                    {
                        isAhead = true;
                        writer.Line($"if (isFar) {Tile(size)}(ahead, {operands}); else");
                        isAhead = false;
                    }

                    writer.Line($"{Tile(size)}({operands});");
                }
            }

            stages.Streamed = streamed;
            EmitSteps(kernel.After, order);
            stages.Streamed = [];
        }
    }

    /// <summary>Rows that are matrices themselves: tiles run inside a row.</summary>
    private void EmitMatrices(Code order, int[] sizes)
    {
        using (writer.Block($"for (; at < stop; at++)"))
        {
            writer.Line($"int i0 = {order} == null ? at : {order}[at];");
            EmitX(Code.Of($"x"), 0, Code.Of($"0"));
            writer.Line($"{ResultPointer} y = {Row(gemm.Value, new Map.Identity(kernel.Rows), 0, Code.Of($"0"))};");
            using (writer.Block($"for (nint b = 0; b < {gemm.Blocks}; b++, w += {gemm.K * gemm.N})"))
            {
                writer.Line($"nint m = 0;");
                foreach (int size in sizes)
                {
                    using (writer.Block($"for (; m + {size} <= {gemm.Lead}; m += {size}, x += {size * gemm.K}, y += {size * gemm.N})"))
                    {
                        writer.Line($"{Tile(size)}(w, {Code.Join(Separator.Comma, Enumerable.Range(0, size).SelectMany(r => new[]
                        {
                            Code.Of($"x + {r * gemm.K}"), Code.Of($"y + {r * gemm.N}"),
                        }))});");
                    }
                }
            }

            writer.Line($"w -= {(long)gemm.Blocks * gemm.K * gemm.N};");
        }
    }

    private void EmitSteps(EquatableArray<Step> steps, Code order)
    {
        if (steps.Count == 0)
        {
            return;
        }

        using (writer.Block($"for (int r = 0; r < rows; r++)"))
        {
            writer.Line($"int i = {order} == null ? at + r : {order}[at + r];");
            stages.Emit(steps.Items);
        }
    }

    private Code Row(int value, Map along, int r, Code place, int offset = 0)
    {
        int width = symbols.Width(value);
        if (symbols.Plan.Storage[value] == Storage.Scratch)
        {
            return Lanes.At(Code.Of($"scratch"), Code.Of($"{symbols.Program.ScratchOffset(value) + offset} + {place} * {width}"));
        }

        Code row = along switch
        {
            Map.Identity => Code.Of($"i{r}"),
            Map.Unit => Code.Of($"0"),
            _ => Code.Of($"{symbols.Values(along)}[i{r}]"),
        };
        return Lanes.AtRow(symbols.Buffer(value), row, width, offset);
    }

    /// <summary>The tile of so many rows, as it is called.</summary>
    private Code Tile(int rows)
    {
        IEnumerable<Code> pointers = Enumerable.Range(0, rows).Select(r => Code.Of($"float* x{r}, {ResultPointer} y{r}"));
        tile = new();
        EmitTile(rows);
        (Code suffix, Code list) = isAhead ? (Code.Of($"_ahead"), Code.Of($"float** ahead, ")) : default;
        return symbols.Program.Tiles.Add(Code.Of($"{Code.Identifier(kernel.Name)}_tile{rows}{suffix}"),
            Code.Of($"{list}float* w, {Code.Join(Separator.Comma, pointers)}"), tile);
    }

    private void EmitTile(int rows)
    {
        if (NarrowGemm.Fits(gemm, lanes))
        {
            NarrowGemm.EmitTile(tile, gemm, rows, lanes);
            return;
        }

        // Rows that are matrices go through a tile block by block, others as a whole: a tile of a small block is short.
        if (gemm.Lead > 1 || gemm.Blocks == 1)
        {
            EmitBlock(rows, default, default);
            return;
        }

        using (tile.Block($"for (nint x = 0, y = 0; x < {gemm.Blocks * gemm.K}; x += {gemm.K}, y += {gemm.N}, w += {gemm.K * gemm.N})"))
        {
            EmitBlock(rows, Code.Of($"x"), Code.Of($"y"));
        }
    }

    /// <summary>Writes a tile of one block, whose columns begin at <paramref name="x"/> and <paramref name="y"/>; empty for 0.</summary>
    private void EmitBlock(int rows, Code x, Code y)
    {
        (int Start, int Width)[][] groups = Groups(gemm.N, lanes, rows);
        int width = groups[0].Length * lanes;
        int full = groups.TakeWhile((group, i) => group.Length == groups[0].Length && group[^1] == ((i * width) + width - lanes, lanes)).Count();
        if (full > 1)
        {
            using (tile.Block($"for (nint n = 0; n < {full * width}; n += {width})"))
            {
                EmitGroup(rows, groups[0], Code.Of($"n"), x, y);
            }
        }

        foreach ((int Start, int Width)[] pieces in groups.Skip(full > 1 ? full : 0))
        {
            using (tile.Block())
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
                tile.Line($"var c{r}_{p} = {Lanes.Constant(pieces[p].Width, 0)};");
            }
        }

        tile.Line($"float* b = w;");
        int unrolled = gemm.K < LeastUnrolled ? 1 : Unrolled;
        int whole = gemm.K / unrolled * unrolled;
        tile.Line($"nint k = {(x.IsEmpty ? Code.Of($"0") : x)};");
        using (tile.Block($"for (nint last = k + {whole}; k < last; k += {unrolled}, b += {unrolled * gemm.N})"))
        {
            AskAhead(pieces.Sum(p => p.Width), Column);
            for (int step = 0; step < unrolled; step++)
            {
                EmitStep(step);
            }
        }

        for (int step = 0; step < gemm.K - whole; step++)
        {
            EmitStep(step);
        }

        for (int r = 0; r < rows; r++)
        {
            for (int p = 0; p < pieces.Length; p++)
            {
                tile.Line($"{Lanes.Store(pieces[p].Width, Code.Of($"y{r}"), Stored(pieces[p].Start), Code.Of($"c{r}_{p}"), symbols.Element(gemm.Value))}");
            }
        }

        void EmitStep(int step) => EmitMultiplyAdds(rows, pieces,
            p => step == 0 ? Column(pieces[p].Start) : Code.Of($"{step * gemm.N} + {Column(pieces[p].Start)}"),
            r => (Code.Of($"x{r}"), step == 0 ? Code.Of($"k") : Code.Of($"k + {step}")));
    }

    /// <summary>
    /// One column of x times a row of the slice, at <c>b</c> and the offset of a piece. Fewer of the two kinds of operands stay in registers; the others
    /// come one by one.
    /// </summary>
    private void EmitMultiplyAdds(int rows, (int Start, int Width)[] pieces, Func<int, Code> offset, Func<int, (Code Pointer, Code Offset)> number)
    {
        using (tile.Block())
        {
            if (rows >= pieces.Length)
            {
                for (int p = 0; p < pieces.Length; p++)
                {
                    LoadSlice(p);
                }

                for (int r = 0; r < rows; r++)
                {
                    Repeat(r);
                    for (int p = 0; p < pieces.Length; p++)
                    {
                        MultiplyAdd(r, p);
                    }
                }

                return;
            }

            for (int r = 0; r < rows; r++)
            {
                Repeat(r);
            }

            for (int p = 0; p < pieces.Length; p++)
            {
                LoadSlice(p);
                for (int r = 0; r < rows; r++)
                {
                    MultiplyAdd(r, p);
                }
            }

            void LoadSlice(int p) =>
                tile.Line($"var b{p} = {Lanes.Load(pieces[p].Width, Code.Of($"b"), offset(p))};");

            void Repeat(int r)
            {
                (Code pointer, Code at) = number(r);
                foreach (int width in pieces.Select(p => p.Width).Distinct())
                {
                    tile.Line($"var a{r}_{width} = {Lanes.Repeat(width, pointer, at)};");
                }
            }

            void MultiplyAdd(int r, int p)
            {
                Code sum = Code.Of($"c{r}_{p}");
                tile.Line($"{sum} = {Lanes.MultiplyAdd(pieces[p].Width, Code.Of($"a{r}_{pieces[p].Width}"), Code.Of($"b{p}"), sum)};");
            }
        }
    }
}
