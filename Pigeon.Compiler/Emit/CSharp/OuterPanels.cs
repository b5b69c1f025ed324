using Pigeon.Kernels;

namespace Pigeon.Compiler;

/// <summary>
/// How the rows of a weight gradient are packed. The left rows, of x or of y where that is narrow, are copied as they are, in slabs of several tiles'
/// columns: a tile takes single numbers of them. The right rows go to panels of a few vectors, which a tile reads in order.
/// </summary>
internal sealed class OuterPanels
{
    /// <summary>The tiles beside each other in a slab of left rows.</summary>
    private const int SlabTiles = 16;

    /// <summary>The floats of half a line: a slab's rows are an odd number of them apart, so that they don't meet in a few places of the cache.</summary>
    private const int HalfLine = 8;

    /// <summary>Cuts the rows of a weight gradient, of which a bunch has at most <paramref name="depth"/>.</summary>
    public OuterPanels(Contraction gemm, int depth, int lanes)
    {
        Depth = depth;
        bool isNarrow = OuterSumEmitter.IsNarrow(gemm, lanes);
        (Height, Width) = isNarrow ? (gemm.N, gemm.K) : (gemm.K, gemm.N);
        Vectors = lanes;
        int perGroup = lanes == 16 ? 4 : 2;
        TileRows = Math.Min(Height, (lanes, Math.Min(Lanes.Cover(Width, lanes).Count(), perGroup)) switch
        {
            (16, 1) => 12,
            (16, 2) => 8,
            (_, 1) => 8,
            _ => 6,
        });
        Slabs = [.. Slab(SlabTiles * TileRows)];
        Groups = [.. Lanes.Groups(Width, lanes, perGroup)];
    }

    /// <summary>The most rows of a bunch.</summary>
    public int Depth { get; }

    /// <summary>The columns of a left row.</summary>
    public int Height { get; }

    /// <summary>The columns of a right row.</summary>
    public int Width { get; }

    /// <summary>The rows of a tile.</summary>
    public int TileRows { get; }

    /// <summary>The floats of the left rows of a block.</summary>
    public int LeftFloats => checked(Slabs.Sum(slab => slab.Count * slab.Stride) * Depth);

    /// <summary>The floats of the right rows of a block.</summary>
    public int RightFloats => checked(Groups.Sum(group => group.Repeats * group.Floats) * Depth);

    /// <summary>The slabs of the left rows: the first column, the columns, how many of the same, and the floats from a row to the next.</summary>
    public (int First, int Columns, int Count, int Stride)[] Slabs { get; }

    /// <summary>The panels of the right rows.</summary>
    public VectorGroup[] Groups { get; }

    /// <summary>The tiles of a block.</summary>
    public int Tiles => Slabs.Sum(s => s.Count * Heights(s.Columns).Sum(h => h.Count)) * Groups.Sum(g => g.Repeats);

    /// <summary>The tiles that differ in shape: their rows, their vectors, and the floats from a left row to the next.</summary>
    public IEnumerable<(int Rows, VectorGroup Vectors, int Stride)> Shapes => Groups.SelectMany(g =>
        Slabs.SelectMany(s => Heights(s.Columns).Select(h => (h.Rows, g, s.Stride))));

    private int Vectors { get; }

    /// <summary>The tiles of a slab's columns: the first column, the rows of a tile, and how many of the same.</summary>
    public IEnumerable<(int First, int Rows, int Count)> Heights(int columns)
    {
        int rest = columns % TileRows;
        if (columns >= TileRows)
        {
            yield return (0, TileRows, columns / TileRows);
        }

        if (rest > 0)
        {
            yield return (columns - rest, rest, 1);
        }
    }

    /// <summary>Copies the row at <c>x</c> to place <c>d</c> of a block's left rows.</summary>
    public void EmitPackLeft(CodeWriter body, Code block, ElementType element)
    {
        foreach ((int first, int columns, int count, int stride) in Slabs)
        {
            using (count > 1 ? body.Block($"for (nint s = 0; s < {count}; s++)") : body.Block())
            {
                Code slab = count > 1 ? Code.Of($"s") : Code.Of($"0");
                body.Line($"float* slab = {block} + {SlabAt(first, slab, stride)} + d * {stride};");
                body.Line($"{Lanes.Pointer(element)} columns = x + {first} + {slab} * {columns};");
                foreach ((int start, int width) in Lanes.Cover(columns, Vectors))
                {
                    body.Line($"{Lanes.Store(width, Code.Of($"slab"), Code.Of($"{start}"), Lanes.Load(width, Code.Of($"columns"), Code.Of($"{start}"), element))}");
                }
            }
        }
    }

    /// <summary>Where a slab begins in its block.</summary>
    public Code SlabAt(int first, Code slab, int stride)
    {
        int before = Slabs.TakeWhile(s => s.First < first).Sum(s => s.Count * s.Stride);
        return Code.Of($"({before} + {slab} * {stride}) * {Depth}");
    }

    /// <summary>Copies the row at <c>y</c> to place <c>d</c> of a block's right panels.</summary>
    public void EmitPackRight(CodeWriter body, Code block, ElementType element)
    {
        foreach (VectorGroup group in Groups)
        {
            using (group.Repeats > 1 ? body.Block($"{group.Loop}") : body.Block())
            {
                Code column = group.Repeats > 1 ? Code.Of($"n") : Code.Of($"{group.Start}");
                body.Line($"float* panel = {block} + {column} * {Depth} + d * {group.Floats};");
                for (int p = 0; p < group.Pieces.Length; p++)
                {
                    Code number = Lanes.Load(group.Pieces[p], Code.Of($"y"), Code.Of($"{column} + {group.At(p)}"), element);
                    body.Line($"{Lanes.Store(group.Pieces[p], Code.Of($"panel"), Code.Of($"{group.InPanel(p)}"), number)}");
                }
            }
        }
    }

    private static int StrideOf(int columns) => columns <= HalfLine ? columns : ((columns + HalfLine - 1) / HalfLine | 1) * HalfLine;

    private IEnumerable<(int First, int Columns, int Count, int Stride)> Slab(int most)
    {
        int whole = Height / most;
        int rest = Height % most;
        if (whole > 0)
        {
            yield return (0, most, whole, StrideOf(most));
        }

        if (rest > 0)
        {
            yield return (whole * most, rest, 1, StrideOf(rest));
        }
    }
}
