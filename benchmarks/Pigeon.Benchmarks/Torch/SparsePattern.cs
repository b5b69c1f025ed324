using Pigeon.Kernels;
using static TorchSharp.torch;

namespace Pigeon.Benchmarks;

/// <summary>
/// The positions of a sparse matrix: entry p stands in row <c>rows[p]</c> and column <c>columns[p]</c>. Indexed by rows and by columns, so
/// that both its product and its transposed product are sums over segments.
/// </summary>
internal sealed class SparsePattern
{
    /// <summary>Indexes the positions, by rows: entries are renumbered so, keeping their order inside a row.</summary>
    public SparsePattern(int[] rows, int rowCount, int[] columns, int columnCount)
    {
        var row = new BoundMap("row", rows, rowCount);
        Order = row.Order ?? [.. Enumerable.Range(0, rows.Length)];
        int[] sortedRows = Array.ConvertAll(Order, p => rows[p]);
        int[] sortedColumns = Array.ConvertAll(Order, p => columns[p]);
        var column = new BoundMap("column", sortedColumns, columnCount);
        int[] byColumn = column.Order ?? [.. Enumerable.Range(0, rows.Length)];
        (RowCount, ColumnCount) = (rowCount, columnCount);
        Row = Kept(sortedRows);
        Column = Kept(sortedColumns);
        RowOffsets = Kept(row.Offsets);
        ColumnOffsets = Kept(column.Offsets);
        ByColumn = Kept(byColumn);
        RowByColumn = Kept(Array.ConvertAll(byColumn, p => sortedRows[p]));
        Identity = Kept([.. Enumerable.Range(0, rows.Length)]);
    }

    /// <summary>The number of rows.</summary>
    public int RowCount { get; }

    /// <summary>The number of columns.</summary>
    public int ColumnCount { get; }

    /// <summary>For each entry, its number among the positions that the pattern was made of.</summary>
    public int[] Order { get; }

    /// <summary>The row of each entry, rising.</summary>
    public Tensor Row { get; }

    /// <summary>The column of each entry.</summary>
    public Tensor Column { get; }

    /// <summary>Where each row's entries begin, and the number of entries.</summary>
    public Tensor RowOffsets { get; }

    /// <summary>Where each column's entries begin in <see cref="ByColumn"/>, and the number of entries.</summary>
    public Tensor ColumnOffsets { get; }

    /// <summary>The entries, column after column.</summary>
    public Tensor ByColumn { get; }

    /// <summary>The row of each entry in that order.</summary>
    public Tensor RowByColumn { get; }

    /// <summary>0, 1, 2, … for each entry.</summary>
    public Tensor Identity { get; }

    private static Tensor Kept(int[] values) => tensor(values).DetachFromDisposeScope();
}
