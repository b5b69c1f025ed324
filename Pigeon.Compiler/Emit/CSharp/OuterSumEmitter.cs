using System.Collections.Immutable;
using Pigeon.Kernels;

namespace Pigeon.Compiler;

/// <summary>
/// Writes a weight gradient: rows in the order of their types, summed as outer products in register tiles, a bunch of rows at a time; and the bunch to
/// come is asked for meanwhile. A thread sums the types that begin in its part in place; the end of a type that began in an earlier part goes to the
/// thread's scratch, and is added afterwards in the order of the threads. Where y is narrow, vectors run along x, and the sum is transposed when a
/// type is done. How tiles come by their rows depends on how often they read them: see <see cref="OuterForm"/>.
/// </summary>
internal sealed partial class OuterSumEmitter(CodeWriter writer, CodeWriter methods, KernelSymbols symbols, Kernel kernel, int number, int lanes)
{
    /// <summary>The most products that a tile adds up between loading and storing its sums: its operands fit the first cache.</summary>
    private const int MostProducts = 160;

    private const int LeastProducts = 64;

    /// <summary>The floats of a bunch's rows, which fit the second cache.</summary>
    private const int BunchFloats = 1 << 16;

    private const int LargestTransposed = 4096;

    /// <summary>Steps of a tile's loop in one.</summary>
    private const int Unrolled = 4;

    private readonly Contraction gemm = kernel.Contraction!;
    private readonly OuterPanels panels = PanelsOf(kernel.Contraction!, lanes);
    private readonly OuterForm form = FormOf(kernel.Contraction!, symbols.Plan, lanes);

    private bool Narrow => IsNarrow(gemm, lanes);

    private Access Left => Narrow ? gemm.Y : gemm.X;

    private Access Right => Narrow ? gemm.X : gemm.Y;

    private Code Name => Code.Identifier(kernel.Name);

    private int BunchRows => RowsOf(gemm, form);

    /// <summary>The rows of a bunch, for which the steps before have scratch.</summary>
    public static int RowsTogether(Contraction gemm, Plan plan, int lanes) => RowsOf(gemm, FormOf(gemm, plan, lanes));

    /// <summary>Reserves scratch for the panels of a bunch of rows, or for pointers to them.</summary>
    public static void ReservePanels(Contraction gemm, Plan plan, int lanes, ProgramSymbols symbols)
    {
        OuterForm form = FormOf(gemm, plan, lanes);
        switch (form)
        {
            case OuterForm.Direct:
                symbols.ReservePacked(gemm.Value, FloatsOfPointer * 2 * RowsOf(gemm, form));
                break;
            case OuterForm.Packed:
                OuterPanels panels = PanelsOf(gemm, lanes);
                symbols.ReservePacked(gemm.Value, checked(gemm.Blocks * (panels.LeftFloats + panels.RightFloats)));
                break;
        }
    }

    /// <summary>Whether vectors run along x.</summary>
    public static bool IsNarrow(Contraction gemm, int lanes) =>
        gemm is { Blocks: 1, Lead: 1 } && gemm.N <= lanes / 2 && gemm.K >= 2 * lanes && gemm.K * gemm.N <= LargestTransposed;

    private static OuterPanels PanelsOf(Contraction gemm, int lanes) => new(gemm, checked(RowsOf(gemm, OuterForm.Packed) * gemm.Lead), lanes);

    private static int RowsOf(Contraction gemm, OuterForm form)
    {
        int floats = gemm.Blocks * (gemm.K + gemm.N);
        return form switch
        {
            OuterForm.Thin => 1,
            OuterForm.Direct => Math.Max(1, DirectFloats / floats),
            _ => Math.Max(1, Math.Clamp(BunchFloats / floats, LeastProducts, MostProducts) / gemm.Lead),
        };
    }

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
            writer.Line($"{Name}_rows(scratch, scratch + {partial}, begin, head, end);");
        }

        writer.Line($"bool last = part == this.splits[{number}].Length - 2;");
        using (writer.Block($"for (; type < this.n{types} && ({offsets}[type] < end || last); type++)"))
        {
            writer.Line($"{Name}_rows(scratch, {Lanes.AtRow(sums, Code.Of($"type"), width)}, {offsets}[type], Math.Min(end, {offsets}[type + 1]), end);");
        }

        EmitJoin(types, width, partial);
        var local = new KernelSymbols(symbols.Program, symbols.Plan, tiled: true);
        var body = new CodeWriter();
        if (form == OuterForm.Thin)
        {
            EmitThin(body, local, width);
        }
        else
        {
            EmitBunches(body, local, width);
        }

        methods.Line();
        using (methods.Block($"private void {Name}_rows(float* scratch, float* c, int from, int to, int end)"))
        {
            foreach (Code declaration in local.Locals)
            {
                methods.Line($"{declaration}");
            }

            methods.Lines(body);
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
                    methods.Line($"VectorMath.Add({Lanes.AtRow(sums, Code.Of($"(type - 1)"), width)}, ScratchOf(part) + {partial}, {width});");
                }
            }
        }
    }

    private void EmitBunches(CodeWriter body, KernelSymbols local, int width)
    {
        bool direct = form == OuterForm.Direct;
        Code[] tiles = [.. panels.Shapes.Select((shape, i) => direct ? DirectTile(shape.Rows, shape.Vectors, i) : Tile(shape.Rows, shape.Vectors, shape.Stride, i))];
        Code order = local.Order(gemm.Type);
        using (body.Block($"if (from == to)"))
        {
            body.Line($"new Span<float>(c, {width}).Clear();");
            body.Line($"return;");
        }

        if (Narrow)
        {
            body.Line($"float* sum = stackalloc float[{width}];");
        }

        int panelsAt = symbols.Program.PackedOffset(gemm.Value);
        if (direct)
        {
            body.Line($"float** left = (float**)(scratch + {panelsAt});");
            body.Line($"float** right = left + {BunchRows};");
        }
        else
        {
            body.Line($"float* left = scratch + {panelsAt};");
            body.Line($"float* right = scratch + {panelsAt + (gemm.Blocks * panels.LeftFloats)};");
        }

        // Bunches of a type are alike: a short one at the end would load and store all sums for a few rows.
        body.Line($"int bunch = VectorMath.Even(to - from, {BunchRows});");
        using (body.Block($"for (int at = from; at < to; at += bunch)"))
        {
            body.Line($"int rows = Math.Min(bunch, to - at);");
            body.Line($"int next = at + rows;");
            body.Line($"nint depth = (nint)rows * {gemm.Lead};");
            if (kernel.Before.Count > 0)
            {
                using (body.Block($"for (int r = 0; r < rows; r++)"))
                {
                    body.Line($"int i = {order} == null ? at + r : {order}[at + r];");
                    EmitSteps(body, local);
                }
            }

            if (direct)
            {
                EmitPointers(body, local, order);
            }
            else
            {
                EmitPack(body, local, order);
            }

            using (body.Block($"for (nint b = 0; b < {gemm.Blocks}; b++)"))
            {
                EmitTiles(body, local, order, tiles, Narrow ? Code.Of($"sum") : Code.Of($"c"));
            }
        }

        if (Narrow)
        {
            body.Line($"VectorMath.Transpose(c, sum, {gemm.N}, {gemm.K});");
        }
    }

    /// <summary>Packs the rows of a bunch, widened where they are narrow in memory.</summary>
    private void EmitPack(CodeWriter body, KernelSymbols local, Code order)
    {
        using (body.Block($"for (int r = 0; r < rows; r++)"))
        {
            body.Line($"int i = {order} == null ? at + r : {order}[at + r];");
            EmitRow(body, local);
            using (body.Block($"for (nint b = 0; b < {gemm.Blocks}; b++)"))
            using (body.Block($"for (nint m = 0; m < {gemm.Lead}; m++, x += {panels.Height}, y += {panels.Width})"))
            {
                body.Line($"nint d = r * {gemm.Lead} + m;");
                panels.EmitPackLeft(body, Code.Of($"left + b * {panels.LeftFloats}"), local.Element(Left.Value));
                panels.EmitPackRight(body, Code.Of($"right + b * {panels.RightFloats}"), local.Element(Right.Value));
            }
        }
    }

    private void EmitTiles(CodeWriter body, KernelSymbols local, Code order, Code[] tiles, Code sums)
    {
        int perBlock = panels.Tiles;
        int shape = 0;
        bool direct = form == OuterForm.Direct;
        foreach (VectorGroup group in panels.Groups)
        {
            using (group.Repeats > 1 ? body.Block($"{group.Loop}") : body.Block())
            {
                Code column = group.Repeats > 1 ? Code.Of($"n") : Code.Of($"{group.Start}");
                if (!direct)
                {
                    body.Line($"float* panel = right + b * {panels.RightFloats} + {column} * {panels.Depth};");
                }

                foreach ((int first, int columns, int count, int stride) in panels.Slabs)
                {
                    using (count > 1 ? body.Block($"for (nint s = 0; s < {count}; s++)") : body.Block())
                    {
                        Code slab = count > 1 ? Code.Of($"s") : Code.Of($"0");
                        if (!direct)
                        {
                            body.Line($"float* slab = left + b * {panels.LeftFloats} + {panels.SlabAt(first, slab, stride)};");
                        }

                        body.Line($"float* sums = {sums} + (b * {panels.Height} + {first} + {slab} * {columns}) * {panels.Width} + {column};");
                        foreach ((int top, int rows, int repeated) in panels.Heights(columns))
                        {
                            using (body.Block($"for (nint k = {top}; k < {top + (repeated * rows)}; k += {rows})"))
                            {
                                body.Line($"{tiles[shape]}(&sums[k * {panels.Width}], {(direct
                                    ? Code.Of($"left, right, b * {panels.Height} + {first} + {slab} * {columns} + k, b * {panels.Width} + {column}")
                                    : Code.Of($"&slab[k], panel"))}, depth, at == from);");
                                EmitPrefetch(body, local, order, gemm.Blocks * perBlock);
                            }

                            shape++;
                        }
                    }
                }
            }
        }
    }

    /// <summary>After each tile, asks for a few of the rows of the next bunch: all have come when the bunch begins.</summary>
    private void EmitPrefetch(CodeWriter body, KernelSymbols local, Code order, int tiles)
    {
        int rows = (BunchRows + tiles - 1) / tiles;
        using (body.Block($"for (int stop = Math.Min(next + {rows}, Math.Min(end, at + rows + {BunchRows})); next < stop; next++)"))
        {
            body.Line($"int i = {order} == null ? next : {order}[next];");
            EmitPrefetchOfRow(body, local);
        }
    }

    /// <summary>Asks for what is multiplied of the row <c>i</c>, if it is not computed in scratch.</summary>
    private void EmitPrefetchOfRow(CodeWriter body, KernelSymbols local)
    {
        foreach ((Access access, int width) in new[] { (gemm.X, gemm.K), (gemm.Y, gemm.N) })
        {
            if (symbols.Plan.Storage[access.Value] == Storage.Buffer)
            {
                Prefetch.Row(body, Code.Of($"({Row(local, access)})"), gemm.Blocks * gemm.Lead * width, symbols.Element(access.Value));
            }
        }
    }

    /// <summary>Asks for the lines of the sums at the first bunch of a type: they are stored when the tile is done.</summary>
    private void PrefetchSums(CodeWriter tile, int rows, int width)
    {
        const int line = 16;
        using (tile.Block($"else"))
        {
            for (int k = 0; k < rows; k++)
            {
                for (int at = 0; at < width; at += line)
                {
                    tile.Line($"VectorMath.Prefetch(&c[{(k * panels.Width) + at}]);");
                }
            }
        }
    }

    private static Code Row(KernelSymbols local, Access access)
    {
        if (local.Plan.Storage[access.Value] == Storage.Scratch)
        {
            Code place = Code.Of($"{local.Program.ScratchOffset(access.Value) + access.Offset} + r * {local.Width(access.Value)}");
            return Lanes.At(Code.Of($"scratch"), place);
        }

        Code row = access.Index.Along switch
        {
            Map.Identity => Code.Of($"i"),
            Map.Unit => Code.Of($"0"),
            var map => Code.Of($"{local.Values(map)}[i]"),
        };
        return Lanes.AtRow(local.Buffer(access.Value), row, local.Width(access.Value), access.Offset);
    }

    /// <summary>What adds the products of a panel of x and one of y to a tile of the sum, which is zero at first; as it is called.</summary>
    private Code Tile(int rows, VectorGroup vectors, int stride, int shape)
    {
        var tile = new CodeWriter();
        int width = vectors.Floats;
        BeginTile(tile, rows, vectors);
        using (tile.Block($"for (; depth >= {Unrolled}; depth -= {Unrolled}, a += {Unrolled * stride}, b += {Unrolled * width})"))
        {
            for (int step = 0; step < Unrolled; step++)
            {
                EmitProducts(tile, rows, vectors, step * stride, p => (step * width) + vectors.InPanel(p));
            }
        }

        using (tile.Block($"for (; depth > 0; depth--, a += {stride}, b += {width})"))
        {
            EmitProducts(tile, rows, vectors, 0, vectors.InPanel);
        }

        return EndTile(tile, rows, vectors, shape, Code.Of($"float* a, float* b"));
    }

    private void BeginTile(CodeWriter tile, int rows, VectorGroup vectors)
    {
        ForEach(rows, vectors, (k, p, _) => tile.Line($"var c{k}_{p} = {Lanes.Constant(vectors.Pieces[p], 0)};"));
        using (tile.Block($"if (!isFirst)"))
        {
            ForEach(rows, vectors, (k, p, at) => tile.Line($"c{k}_{p} = {Lanes.Load(vectors.Pieces[p], Code.Of($"c"), Code.Of($"{at}"))};"));
        }

        if (!Narrow)
        {
            PrefetchSums(tile, rows, vectors.Columns);
        }
    }

    private Code EndTile(CodeWriter tile, int rows, VectorGroup vectors, int shape, Code operands)
    {
        ForEach(rows, vectors, (k, p, at) => tile.Line($"{Lanes.Store(vectors.Pieces[p], Code.Of($"c"), Code.Of($"{at}"), Code.Of($"c{k}_{p}"))}"));
        return symbols.Program.Tiles.Add(Code.Of($"{Name}_tile{shape}"), Code.Of($"float* c, {operands}, nint depth, bool isFirst"), tile);
    }

    /// <summary>Multiplies the numbers of a left row from <c>a[first]</c> on by the vectors of a right row at <c>b</c>.</summary>
    private static void EmitProducts(CodeWriter tile, int rows, VectorGroup vectors, int first, Func<int, int> at)
    {
        ImmutableArray<int> pieces = vectors.Pieces;
        using (tile.Block())
        {
            for (int p = 0; p < pieces.Length; p++)
            {
                tile.Line($"var b{p} = {Lanes.Load(pieces[p], Code.Of($"b"), Code.Of($"{at(p)}"))};");
            }

            for (int k = 0; k < rows; k++)
            {
                foreach (int lane in pieces.Distinct())
                {
                    tile.Line($"var a{k}_{lane} = {Lanes.Repeat(lane, Code.Of($"a"), Code.Of($"{first + k}"))};");
                }

                for (int p = 0; p < pieces.Length; p++)
                {
                    tile.Line($"c{k}_{p} = {Lanes.MultiplyAdd(pieces[p], Code.Of($"a{k}_{pieces[p]}"), Code.Of($"b{p}"), Code.Of($"c{k}_{p}"))};");
                }
            }
        }
    }

    private void ForEach(int rows, VectorGroup vectors, Action<int, int, int> body)
    {
        for (int k = 0; k < rows; k++)
        {
            for (int p = 0; p < vectors.Pieces.Length; p++)
            {
                body(k, p, (k * panels.Width) + vectors.At(p));
            }
        }
    }
}
