using Pigeon.Compiler;
using Pigeon.Kernels;
using static Pigeon.Models.WindowSchema;

namespace Pigeon.Models;

/// <summary>
/// TPGN (Jia et al., NeurIPS 2024), which forecasts one series: its history is folded into rows (days) and columns (hours). The
/// published code is a network of small dense maps; here the cells are nodes and every map over several cells is a typed linear over
/// relations between places, followed by a sum:
/// <list type="bullet">
/// <item>historical information extraction, from earlier cells of the column, a relation for each distance in rows;</item>
/// <item>the columns' sums over their cells, and a window's over its rows, a relation for each day;</item>
/// <item>the rows' sums over their cells, a relation for each hour.</item>
/// </list>
/// A gate joins each cell with its history: <c>G ⊙ H + (1 − G) ⊙ tanh(c)</c>, so that every earlier row is one hop away.
/// </summary>
public static class Tpgn
{
    private const double VarianceFloor = 1e-5;

    /// <summary>
    /// The forecast: inputs <c>series</c> (<c>Cells[1]</c>) and <c>marks</c> (<c>Cells[T]</c>); output <c>y</c> (<c>Columns[days]</c>): in
    /// column p and day r the step r·P + p.
    /// </summary>
    /// <exception cref="PigeonException">PG0404: the options can't be.</exception>
    public static Program Build(TpgnOptions options)
    {
        var p = new ProgramBuilder("tpgn");
        p.Return("y", Forecast(p, options));
        return p.Build();
    }

    /// <summary>What it learns by: as <see cref="Build"/>, with an input <c>targets</c> (<c>Columns[days]</c>) and output <c>loss</c>, the
    /// mean squared error.</summary>
    /// <exception cref="PigeonException">PG0404: the options can't be.</exception>
    public static Program BuildLoss(TpgnOptions options)
    {
        var p = new ProgramBuilder("tpgn");
        Value forecast = Forecast(p, options);
        p.Return("loss", Losses.MeanSquaredError(forecast, p.Input("targets", Columns, options.Days)));
        return p.Build();
    }

    /// <summary>Historical information extraction: for every cell a linear map of the earlier cells of its column, <c>Cells[d]</c>.</summary>
    /// <param name="p">The program.</param>
    /// <param name="z">The cells, <c>Cells[I]</c>.</param>
    /// <param name="options">The options.</param>
    public static Value History(ProgramBuilder p, Value z, TpgnOptions options) =>
        Relational(p, "history", z.At(Earlier), Offset(options), Later, options.Width);

    /// <summary>
    /// The bound of each weight's and bias's uniform distribution, <c>1/√fan_in</c>: that of the convolution which the published code
    /// computes it by.
    /// </summary>
    public static double InitialBound(string weight, TpgnOptions options) => 1 / Math.Sqrt(weight[..weight.IndexOf('.')] switch
    {
        "history" => options.CellWidth * (options.Rows - 1),
        "gate" => options.CellWidth + options.Width,
        "hours" => options.CellWidth * options.Period,
        "days" or "columns" => options.Width * options.Rows,
        "head" => 2 * options.Width,
        _ => throw new ArgumentException($"no weight {weight}", nameof(weight)),
    });

    private static Value Forecast(ProgramBuilder p, TpgnOptions options)
    {
        options.Check();
        int d = options.Width;
        Value series = p.Input("series", Cells, 1);
        Value mean = series.Reduce(Window, ReduceKind.Mean).Unary(UnaryFunction.Detach);
        Value centred = series - mean.At(Window);
        Value deviation = ((centred * centred).Reduce(Window, ReduceKind.Mean) + VarianceFloor).Unary(UnaryFunction.Sqrt);
        Value z = p.Concat(0, options.Normalise ? centred / deviation.At(Window) : series, p.Input("marks", Cells, options.Marks));

        // Long term: along the rows of each column.
        Value history = History(p, z, options);
        Value gates = Affine(p, "gate", p.Concat(0, z, history), 2 * d);
        Value gate = Nn.Sigmoid(gates.Slice(0, 0, d));
        Value cells = (gate * history) + ((1 - gate) * gates.Slice(0, d, d).Unary(UnaryFunction.Tanh));
        Value columns = Relational(p, "columns", cells, Day(options), Column, d);

        // Short term: along the columns of each row, then over the rows.
        Value rows = Relational(p, "hours", z, Hour(options), Row, d);
        Value windows = Relational(p, "days", rows, DayOfRow(options), WindowOfRow, d);

        Value y = Affine(p, "head", p.Concat(0, windows.At(WindowOfColumn), columns), options.Days);
        return options.Normalise ? (y * deviation.At(WindowOfColumn)) + mean.At(WindowOfColumn) : y;
    }

    /// <summary>Every row times the weight of its type, summed where the rows go, and a bias.</summary>
    private static Value Relational(ProgramBuilder p, string name, Value x, Map type, Map to, int width) =>
        x.Linear(p.Weight(name + ".weight", type.To, x.Type.Row[0], width), type).Sum(to) + p.Weight(name + ".bias", IndexSpace.One, width);

    private static Value Affine(ProgramBuilder p, string name, Value x, int width) =>
        x.Linear(p.Weight(name + ".weight", IndexSpace.One, x.Type.Row[0], width)) + p.Weight(name + ".bias", IndexSpace.One, width);
}
