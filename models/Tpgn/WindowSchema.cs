using Pigeon.Kernels;

namespace Pigeon.Models;

/// <summary>
/// The spaces and maps of a batch of windows. Each window is folded into cells, one for each step of its history: a row for each
/// day, a column for each hour. Cells are numbered window by window, in them column by column.
/// </summary>
public static class WindowSchema
{
    /// <summary>The windows of a batch.</summary>
    public static IndexSpace Windows { get; } = new IndexSpace.Declared("Windows");

    /// <summary>The columns of all windows: the same hour of every day.</summary>
    public static IndexSpace Columns { get; } = new IndexSpace.Declared("Columns");

    /// <summary>The rows of all windows: the hours of one day.</summary>
    public static IndexSpace Rows { get; } = new IndexSpace.Declared("Rows");

    /// <summary>The steps of all windows.</summary>
    public static IndexSpace Cells { get; } = new IndexSpace.Declared("Cells");

    /// <summary>The pairs of a cell and an earlier one of its column.</summary>
    public static IndexSpace Pasts { get; } = new IndexSpace.Declared("Pasts");

    /// <summary>The earlier cell of a pair.</summary>
    public static Map Earlier { get; } = new Map.Stored("earlier", Pasts, Cells);

    /// <summary>The later cell of a pair.</summary>
    public static Map Later { get; } = new Map.Stored("later", Pasts, Cells);

    /// <summary>How many rows lie between the cells of a pair, less one: R − 1 types.</summary>
    public static Map Offset(TpgnOptions options) => new Map.Stored("offset", Pasts, new IndexSpace.Range(options.Rows - 1));

    /// <summary>A cell's column.</summary>
    public static Map Column { get; } = new Map.Stored("column", Cells, Columns);

    /// <summary>A cell's row.</summary>
    public static Map Row { get; } = new Map.Stored("row", Cells, Rows);

    /// <summary>A cell's day in its window: R types.</summary>
    public static Map Day(TpgnOptions options) => new Map.Stored("day", Cells, new IndexSpace.Range(options.Rows));

    /// <summary>A cell's hour: P types.</summary>
    public static Map Hour(TpgnOptions options) => new Map.Stored("hour", Cells, new IndexSpace.Range(options.Period));

    /// <summary>A cell's window.</summary>
    public static Map Window { get; } = new Map.Stored("window", Cells, Windows);

    /// <summary>A column's window.</summary>
    public static Map WindowOfColumn { get; } = new Map.Stored("window_of_column", Columns, Windows);

    /// <summary>A row's window.</summary>
    public static Map WindowOfRow { get; } = new Map.Stored("window_of_row", Rows, Windows);

    /// <summary>A row's day in its window: R types.</summary>
    public static Map DayOfRow(TpgnOptions options) => new Map.Stored("day_of_row", Rows, new IndexSpace.Range(options.Rows));

    /// <summary>The binding of a batch.</summary>
    /// <param name="windows">How many windows it has.</param>
    /// <param name="rows">R: the rows of a window.</param>
    /// <param name="columns">P: its columns.</param>
    public static GraphBinding Bind(int windows, int rows, int columns)
    {
        int cells = checked(windows * rows * columns);
        (List<int> earlier, List<int> later, List<int> offset) = ([], [], []);

        // By offset, so that the rows of a type stand together.
        for (int o = 0; o < rows - 1; o++)
        {
            for (int cell = 0; cell < cells; cell++)
            {
                if (cell % rows > o)
                {
                    earlier.Add(cell - o - 1);
                    later.Add(cell);
                    offset.Add(o);
                }
            }
        }

        return new(
            new Dictionary<string, int>
            {
                ["Windows"] = windows, ["Columns"] = windows * columns, ["Rows"] = windows * rows, ["Cells"] = cells,
                ["Pasts"] = earlier.Count,
            },
            new Dictionary<string, int[]>
            {
                ["earlier"] = [.. earlier], ["later"] = [.. later], ["offset"] = [.. offset],
                ["column"] = Of(cells, cell => cell / rows),
                ["row"] = Of(cells, cell => (cell / (rows * columns) * rows) + (cell % rows)),
                ["day"] = Of(cells, cell => cell % rows),
                ["hour"] = Of(cells, cell => cell / rows % columns),
                ["window"] = Of(cells, cell => cell / (rows * columns)),
                ["window_of_column"] = Of(windows * columns, column => column / columns),
                ["window_of_row"] = Of(windows * rows, row => row / rows),
                ["day_of_row"] = Of(windows * rows, row => row % rows),
            });
    }

    private static int[] Of(int count, Func<int, int> value) => [.. Enumerable.Range(0, count).Select(value)];
}
