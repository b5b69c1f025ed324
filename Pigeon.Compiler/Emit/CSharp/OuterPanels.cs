using Pigeon.Kernels;

namespace Pigeon.Compiler;

/// <summary>
/// How the rows of a weight gradient are cut into panels. The left rows, of x or of y where that is narrow, in panels of as many columns as a tile
/// has rows; the right rows in panels of a few vectors. A panel holds its columns of row after row.
/// </summary>
internal sealed class OuterPanels
{
    private readonly int lanes;

    /// <summary>Cuts the rows of a weight gradient.</summary>
    public OuterPanels(Contraction gemm, int lanes)
    {
        this.lanes = lanes;
        bool isNarrow = OuterSumEmitter.IsNarrow(gemm, lanes);
        (Height, Width) = isNarrow ? (gemm.N, gemm.K) : (gemm.K, gemm.N);
        int[] widths = [.. Lanes.Cut(Width, lanes).Select(piece => piece.Width)];
        int perGroup = lanes == 16 ? 4 : 2;
        TileRows = Math.Min(Height, (lanes, Math.Min(widths.Length, perGroup)) switch
        {
            (16, 1) => 12,
            (16, 2) => 8,
            (_, 1) => 8,
            _ => 6,
        });
        int rest = Height % TileRows;
        Heights = rest == 0 ? [(0, TileRows, Height / TileRows)] : [(0, TileRows, Height / TileRows), (Height - rest, rest, 1)];
        Groups = [.. Group(widths, perGroup)];
    }

    /// <summary>The columns of a left row.</summary>
    public int Height { get; }

    /// <summary>The columns of a right row.</summary>
    public int Width { get; }

    /// <summary>The rows of a tile.</summary>
    public int TileRows { get; }

    /// <summary>The panels of the left rows: the first column, the columns of a panel, and how many of them.</summary>
    public (int First, int Rows, int Count)[] Heights { get; }

    /// <summary>The panels of the right rows: the first column, its vectors, and how many there are of the same.</summary>
    public (int Start, int[] Pieces, int Repeats)[] Groups { get; }

    /// <summary>The tiles of a block.</summary>
    public int Tiles => Heights.Sum(h => h.Count) * Groups.Sum(g => g.Repeats);

    /// <summary>The tiles that differ in shape, in the order of the groups, then of the heights.</summary>
    public IEnumerable<(int Rows, int[] Pieces)> Shapes => Groups.SelectMany(g => Heights.Select(h => (h.Rows, g.Pieces)));

    /// <summary>The floats of a block's left panels.</summary>
    public int LeftFloats(int depth, int slack) => checked((depth * Height) + (Heights.Sum(h => h.Count) * slack));

    /// <summary><see cref="LeftFloats"/> in the code.</summary>
    public Code LeftSize(Code depth, int slack) => Code.Of($"{depth} * {Height} + {Heights.Sum(h => h.Count) * slack}");

    /// <summary>Where a left panel begins in its block.</summary>
    public Code LeftAt(int first, Code tile, int rows, Code depth, int slack)
    {
        int before = first / TileRows;
        return Code.Of($"{depth} * ({first} + {tile} * {rows}) + ({before} + {tile}) * {slack}");
    }

    /// <summary>Copies the row at <c>x</c> to place <c>d</c> of the left panels.</summary>
    public void EmitPackLeft(CodeWriter body, Code block, int slack, ElementType element)
    {
        foreach ((int first, int rows, int count) in Heights)
        {
            // A whole vector may go beyond its panel's columns, where the next row overwrites it, but not beyond the row that it reads.
            int vector = Math.Min(lanes, 8);
            int whole = rows < vector && rows > vector / 2 ? Math.Clamp((Height - vector - first) / rows + 1, 0, count) : 0;
            EmitCopies(0, whole, [(0, vector)]);
            EmitCopies(whole, count, [.. Lanes.Cut(rows, lanes)]);

            void EmitCopies(int from, int to, (int Start, int Width)[] pieces)
            {
                if (from >= to)
                {
                    return;
                }

                using (to - from > 1 ? body.Block($"for (nint k = {from}; k < {to}; k++)") : body.Block())
                {
                    Code tile = to - from > 1 ? Code.Of($"k") : Code.Of($"{from}");
                    body.Line($"float* panel = {block} + {LeftAt(first, tile, rows, Code.Of($"depth"), slack)} + d * {rows};");
                    foreach ((int start, int width) in pieces)
                    {
                        Code value = Lanes.Load(width, Code.Of($"x"), Code.Of($"{first} + {tile} * {rows} + {start}"), element);
                        body.Line($"{Lanes.Store(width, Code.Of($"panel"), Code.Of($"{start}"), value)}");
                    }
                }
            }
        }
    }

    /// <summary>Copies the row at <c>y</c> to place <c>d</c> of the right panels.</summary>
    public void EmitPackRight(CodeWriter body, Code block, ElementType element)
    {
        foreach ((int start, int[] pieces, int repeats) in Groups)
        {
            int width = pieces.Sum();
            using (repeats > 1 ? body.Block($"for (nint n = {start}; n < {start + (repeats * width)}; n += {width})") : body.Block())
            {
                Code column = repeats > 1 ? Code.Of($"n") : Code.Of($"{start}");
                body.Line($"float* panel = {block} + depth * {column} + d * {width};");
                for (int p = 0; p < pieces.Length; p++)
                {
                    int at = pieces.Take(p).Sum();
                    body.Line($"{Lanes.Store(pieces[p], Code.Of($"panel"), Code.Of($"{at}"), Lanes.Load(pieces[p], Code.Of($"y"), Code.Of($"{column} + {at}"), element))}");
                }
            }
        }
    }

    private static IEnumerable<(int Start, int[] Pieces, int Repeats)> Group(int[] widths, int perGroup)
    {
        int start = 0;
        int[][] groups = [.. widths.Chunk(perGroup)];
        for (int g = 0; g < groups.Length;)
        {
            int repeats = groups.Skip(g).TakeWhile(pieces => pieces.AsSpan().SequenceEqual(groups[g])).Count();
            yield return (start, groups[g], repeats);
            start += repeats * groups[g].Sum();
            g += repeats;
        }
    }
}
