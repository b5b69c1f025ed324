using Pigeon.Kernels;

namespace Pigeon.Compiler;

/// <content>
/// Rows that the next tile reads and writes are asked for while this one is multiplied, one line at a time between its multiply-adds: a machine has some
/// twenty lines under way at once, and all lines of a tile together would wait for each other before the first multiply-add. These are the rows of x, of
/// the neighbours that the steps before the product gather, and of the result.
/// </content>
internal sealed partial class GemmEmitter
{
    /// <summary>The rows asked for in a tile: one for each turn of its loop.</summary>
    private const int AheadRows = 16;

    private const int LineFloats = 16;

    /// <summary>Of so many neighbours on average most are not asked for by the product.</summary>
    private const int ManyNeighbours = 4;

    private bool isAhead;

    /// <summary>Whether the tiles of the most rows ask for the rows of the next one.</summary>
    private bool AsksAhead => gemm is { Blocks: 1, Lead: 1 } && gemm.K >= AheadRows * Unrolled && gemm.N >= gemm.K && !NarrowGemm.Fits(gemm, lanes) &&
        2 * TileRows(gemm, lanes) <= AheadRows && (ReadsAhead || GatheredAhead() is not null);

    /// <summary>Whether rows of x are asked for.</summary>
    private bool ReadsAhead => symbols.Plan.Storage[gemm.X.Value] == Storage.Buffer && symbols.Element(gemm.X.Value) == ElementType.F32 &&
        gemm.X.Index.Along is not Map.Unit;

    /// <summary>Whether rows of the result are asked for.</summary>
    private bool WritesAhead => symbols.Plan.Storage[gemm.Value] == Storage.Buffer && symbols.Element(gemm.Value) == ElementType.F32;

    /// <summary>The loop whose neighbours' rows are asked for with those of x, and what is gathered; null where that is not one row a neighbour.</summary>
    private (Map Loop, Access Row)? GatheredAhead()
    {
        if (kernel.Before.Where(s => s.Loop is not null).ToArray() is not [{ IsOnline: false, Loop: { } loop and not Map.Unit } step])
        {
            return null;
        }

        var rows = step.Stages.SelectMany(s => s.Arguments).Where(a => StageEmitter.IsAskedFor(symbols, a)).DistinctBy(a => (a.Value, a.Index.Along)).ToArray();
        return rows is [{ Index.Along: not Map.Identity } row] && symbols.Width(row.Value) <= gemm.N && symbols.Element(row.Value) == ElementType.F32
            ? (loop, row)
            : null;
    }

    /// <summary>Declares where the next tile's neighbours begin, if rows lie in order: the loop leaves it to the product to ask for those behind.</summary>
    private void BeginAhead(Code order)
    {
        // Where the caches hold all rows it costs more than it gives.
        var far = new List<Code>();
        if (ReadsAhead)
        {
            far.Add(IsFar(gemm.X.Value));
        }

        if (GatheredAhead() is { } neighbours)
        {
            far.Add(IsFar(neighbours.Row.Value));
        }

        if (WritesAhead)
        {
            far.Add(IsFar(gemm.Value));
        }

        // The rows of many neighbours are asked for while they are summed.
        Code isShort = ReadsAhead || GatheredAhead() is not { } many
            ? default
            : Code.Of($"this.n{symbols.Program.Space(many.Loop.From)} / {ManyNeighbours} < this.n{symbols.Program.Space(many.Loop.To)} && ");
        symbols.Declare(Code.Of($"isFar"), Code.Of($"bool isFar = {isShort}({Code.Join(Separator.Or, far)});"));
        symbols.Declare(Code.Of($"ahead"), Code.Of($"float** ahead = stackalloc float*[{AheadRows}];"));
        if (GatheredAhead() is not { } gathered)
        {
            return;
        }

        Code offsets = symbols.Offsets(gathered.Loop);
        writer.Line($"int next = {offsets}[isFar && {order} == null ? at + rows : this.n{symbols.Program.Space(gathered.Loop.To)}];");
        stages.AsksUntil = Code.Of($"next");

        Code IsFar(int value) => Code.Of(
            $"this.n{symbols.Program.Space(symbols.Plan.Program.Types[value].Space)} > {Prefetch.FarBytes / (sizeof(float) * symbols.Width(value))}");
    }

    /// <summary>Lists the rows that the product asks for.</summary>
    private void EmitAhead(Code order, int rows)
    {
        writer.Line($"int asked = 0;");
        if (ReadsAhead || WritesAhead)
        {
            using (writer.Block($"for (int r = at + rows; r < Math.Min(at + rows + {rows}, end); r++)"))
            {
                writer.Line($"int i = {order} == null ? r : {order}[r];");
                if (ReadsAhead)
                {
                    Code row = gemm.X.Index.Along is Map.Identity ? Code.Of($"i") : Code.Of($"{symbols.Values(gemm.X.Index.Along)}[i]");
                    writer.Line($"ahead[asked++] = {Lanes.AtRow(symbols.Buffer(gemm.X.Value), row, symbols.Width(gemm.X.Value), gemm.X.Offset)};");
                }

                if (WritesAhead)
                {
                    writer.Line($"ahead[asked++] = {Lanes.AtRow(symbols.Buffer(gemm.Value), Code.Of($"i"), symbols.Width(gemm.Value))};");
                }
            }
        }

        if (GatheredAhead() is { } gathered)
        {
            Code last = Code.Of($"{symbols.Offsets(gathered.Loop)}[this.n{symbols.Program.Space(gathered.Loop.To)}]");
            using (writer.Block($"for (int p = next; p < Math.Min(next + {Prefetch.Distance}, {last}) && asked < {AheadRows}; p++)"))
            {
                Code row = Code.Of($"{symbols.Values(gathered.Row.Index.Along, gathered.Loop)}[p]");
                writer.Line($"ahead[asked++] = {Lanes.AtRow(symbols.Buffer(gathered.Row.Value), row, symbols.Width(gathered.Row.Value))};");
            }
        }

        using (writer.Block($"while (asked < {AheadRows})"))
        {
            writer.Line($"ahead[asked++] = w;");
        }
    }

    /// <summary>Asks for the lines of a listed row that lie at the columns of a group.</summary>
    private void AskAhead(int columns, Func<int, Code> column)
    {
        if (!isAhead)
        {
            return;
        }

        using (gemm.K > AheadRows * Unrolled ? tile.Block($"if (k < {AheadRows * Unrolled})") : tile.Block())
        {
            tile.Line($"float* row = ahead[k / {Unrolled}];");
            for (int at = 0; at < columns; at += LineFloats)
            {
                tile.Line($"VectorMath.Prefetch({Lanes.At(Code.Of($"row"), column(at))});");
            }
        }
    }
}
