using System.Collections.Immutable;
using Pigeon.Kernels;

namespace Pigeon.Compiler;

/// <summary>
/// Products with slices that the first cache does not hold. The slice of a type is packed once, in panels of as many columns as a tile has, and every
/// panel meets all tiles of a block of rows, which ask for the next panel meanwhile. Sums that are not complete wait in the rows of y, so they are
/// summed in the same order as elsewhere. Rows of x are read where they are; only those that are narrow in memory are widened first.
/// </summary>
internal sealed partial class GemmEmitter
{
    /// <summary>The floats of the largest slice that needs no blocks.</summary>
    private const int LargestWhole = 64 * 192;

    /// <summary>The rows of a block: every number of a panel is used so often while it is near.</summary>
    private const int BlockRows = 96;

    /// <summary>The most columns of x in a block: a panel, and that part of a block's rows, are in the second cache.</summary>
    private const int LongestBlock = 512;

    /// <summary>Floats between widened rows, so that they don't meet in a few places of the cache.</summary>
    private const int Gap = 8;

    /// <summary>The rows of a type for which its slice is not worth packing.</summary>
    private const int FewRows = 3;

    private int Depth => DepthOf(gemm, symbols.Element(gemm.Value));

    private bool IsWidened => symbols.Element(gemm.X.Value) != ElementType.F32;

    private VectorGroup[] PanelGroups => [.. PanelGroupsOf(gemm, lanes)];

    /// <summary>Whether a product runs in blocks.</summary>
    private static bool IsBlocked(Contraction gemm, int lanes) =>
        gemm.Lead == 1 && (long)gemm.K * gemm.N > LargestWhole && !NarrowGemm.Fits(gemm, lanes);

    /// <summary>The columns of x in a block; all of them where y is narrow in memory and can't hold sums.</summary>
    private static int DepthOf(Contraction gemm, ElementType result)
    {
        int blocks = result == ElementType.F32 ? (gemm.K + LongestBlock - 1) / LongestBlock : 1;
        return ((gemm.K + blocks - 1) / blocks + Unrolled - 1) / Unrolled * Unrolled;
    }

    private static IEnumerable<VectorGroup> PanelGroupsOf(Contraction gemm, int lanes) => Lanes.Groups(gemm.N, lanes, GroupPieces(lanes));

    /// <summary>The floats of a slice's block in panels.</summary>
    private static int PackedFloats(Contraction gemm, int lanes) => checked(gemm.K * PanelGroupsOf(gemm, lanes).Sum(group => group.Repeats * group.Floats));

    /// <summary>The floats of scratch for where the rows and results of a block are, and for its rows where they are widened.</summary>
    private static int BlockFloats(Contraction gemm, Plan plan)
    {
        bool isWidened = plan.Elements[gemm.X.Value] != ElementType.F32;
        int pointers = (isWidened ? 3 : 2) * sizeof(long) / sizeof(float);
        return checked(BlockRows * (pointers + (isWidened ? DepthOf(gemm, plan.Elements[gemm.Value]) + Gap : 0)));
    }

    private void EmitBlocked(Code order, int[] sizes)
    {
        if (symbols.Element(gemm.Y.Value) == ElementType.F32)
        {
            // Too few rows to pack the slice for.
            using (writer.Block($"if (stop - at <= {FewRows})"))
            {
                writer.Line($"float* w = {Slice()};");
                EmitTiles(order, [1]);
                writer.Line($"continue;");
            }
        }

        writer.Line($"float* panels = scratch + {symbols.Program.PackedOffset(gemm.Value)};");
        Code x = Lanes.Pointer(symbols.Element(gemm.X.Value));
        writer.Line($"{x}* xs = ({x}*)(scratch + {symbols.Program.WidenedOffset(gemm.Value)});");
        writer.Line($"{ResultPointer}* ys = ({ResultPointer}*)(xs + {BlockRows});");
        if (IsWidened)
        {
            writer.Line($"float** wide = (float**)(ys + {BlockRows});");
            writer.Line($"float* block = (float*)(wide + {BlockRows});");
        }

        EmitPackSlice();
        using (writer.Block($"for (int rows; at < stop; at += rows)"))
        {
            writer.Line($"rows = Math.Min({BlockRows}, stop - at);");
            EmitSteps(kernel.Before, order);
            using (writer.Block($"for (int r = 0; r < rows; r++)"))
            {
                writer.Line($"int i0 = {order} == null ? at + r : {order}[at + r];");
                writer.Line($"xs[r] = {Row(gemm.X.Value, gemm.X.Index.Along, 0, Code.Of($"r"), gemm.X.Offset)};");
                writer.Line($"ys[r] = {Row(gemm.Value, new Map.Identity(kernel.Rows), 0, Code.Of($"r"))};");
            }

            using (writer.Block($"for (nint b = 0; b < {gemm.Blocks}; b++)"))
            using (writer.Block($"for (int k = 0; k < {gemm.K}; k += {Depth})"))
            {
                writer.Line($"int depth = Math.Min({Depth}, {gemm.K} - k);");
                if (IsWidened)
                {
                    EmitWidenRows();
                }

                EmitPanels(sizes);
            }

            EmitSteps(kernel.After, order);
        }
    }

    private void EmitPackSlice()
    {
        ElementType element = symbols.Element(gemm.Y.Value);
        using (writer.Block())
        {
            writer.Line($"{Lanes.Pointer(element)} slice = {Slice()};");
            writer.Line($"float* packed = panels;");
            using (writer.Block($"for (nint b = 0; b < {gemm.Blocks}; b++, packed += {PackedFloats(gemm, lanes)})"))
            using (writer.Block($"for (nint k = 0; k < {gemm.K}; k++, slice += {gemm.N})"))
            {
                foreach (VectorGroup group in PanelGroups)
                {
                    using (writer.Block($"{group.Loop}"))
                    {
                        writer.Line($"float* panel = packed + n * {gemm.K} + k * {group.Floats};");
                        for (int p = 0; p < group.Pieces.Length; p++)
                        {
                            Code numbers = Lanes.Load(group.Pieces[p], Code.Of($"slice"), Code.Of($"n + {group.At(p)}"), element);
                            writer.Line($"{Lanes.Store(group.Pieces[p], Code.Of($"panel"), Code.Of($"{group.InPanel(p)}"), numbers)}");
                        }
                    }
                }
            }
        }
    }

    private void EmitWidenRows()
    {
        using (writer.Block($"for (nint r = 0; r < rows; r++)"))
        {
            writer.Line($"wide[r] = block + r * {Depth + Gap};");
            writer.Line($"Bf16.Widen(wide[r], xs[r] + b * {gemm.K} + k, depth);");
        }
    }

    private void EmitPanels(int[] sizes)
    {
        Code rows = IsWidened ? Code.Of($"wide + t, 0") : Code.Of($"xs + t, b * {gemm.K} + k");
        foreach ((VectorGroup group, int shape) in PanelGroups.Select((group, i) => (group, i)))
        {
            using (writer.Block($"{group.Loop}"))
            {
                writer.Line($"float* panel = panels + b * {PackedFloats(gemm, lanes)} + n * {gemm.K} + k * {group.Floats};");
                writer.Line($"nint share = depth * {group.Floats} / {BlockRows};");
                writer.Line($"nint t = 0;");
                foreach (int size in sizes)
                {
                    using (writer.Block($"for (; t + {size} <= rows; t += {size})"))
                    {
                        Code next = Code.Of($"panel + {gemm.K * group.Floats} + t * share");
                        writer.Line($"{PanelTile(size, group, shape)}(panel, {next}, {rows}, ys + t, b * {gemm.N} + n, depth, k == 0);");
                    }
                }
            }
        }
    }

    /// <summary>
    /// What adds the products of some rows of a block and a panel to sums that are zero at first, and asks for a share of the next panel; as it is called.
    /// </summary>
    private Code PanelTile(int rows, VectorGroup group, int shape)
    {
        tile = new();
        ElementType element = symbols.Element(gemm.Value);
        ImmutableArray<int> pieces = group.Pieces;
        int width = group.Floats;
        (int Start, int Width)[] columns = [.. pieces.Select((piece, p) => (group.At(p), piece))];
        ForEach((r, p) => tile.Line($"var c{r}_{p} = {Lanes.Constant(pieces[p], 0)};"));
        using (tile.Block($"if (isFirst)"))
        {
            for (int r = 0; r < rows; r++)
            {
                Prefetch.Row(tile, Code.Of($"(&y[{r}][n])"), group.Columns, element);
            }
        }

        using (tile.Block($"else"))
        {
            ForEach((r, p) => tile.Line($"c{r}_{p} = {Lanes.Load(pieces[p], Code.Of($"y[{r}]"), Code.Of($"n + {columns[p].Start}"), element)};"));
        }

        for (int r = 0; r < rows; r++)
        {
            tile.Line($"float* x{r} = xs[{r}];");
        }

        tile.Line($"nint last = k + depth;");
        using (tile.Block($"for (; k <= last - {Unrolled}; k += {Unrolled}, b += {Unrolled * width}, next += {Prefetch.LineFloats})"))
        {
            tile.Line($"VectorMath.Prefetch(next);");
            for (int step = 0; step < Unrolled; step++)
            {
                EmitStep(step);
            }
        }

        using (tile.Block($"for (; k < last; k++, b += {width})"))
        {
            EmitStep(0);
        }

        ForEach((r, p) => tile.Line(
            $"{Lanes.Store(pieces[p], Code.Of($"y[{r}]"), Code.Of($"n + {columns[p].Start}"), Code.Of($"c{r}_{p}"), element)}"));
        return symbols.Program.Tiles.Add(Code.Of($"{Code.Identifier(kernel.Name)}_panel{shape}_rows{rows}"),
            Code.Of($"float* b, float* next, float** xs, nint k, {ResultPointer}* y, nint n, nint depth, bool isFirst"), tile);

        void EmitStep(int step) => EmitMultiplyAdds(rows, columns, p => Code.Of($"{(step * width) + group.InPanel(p)}"),
            r => (Code.Of($"x{r}"), Code.Of($"k + {step}")));

        void ForEach(Action<int, int> body)
        {
            for (int r = 0; r < rows; r++)
            {
                for (int p = 0; p < pieces.Length; p++)
                {
                    body(r, p);
                }
            }
        }
    }
}
