using Pigeon.Datasets;
using Pigeon.Kernels;
using Pigeon.Runtime;

namespace Pigeon.Models;

/// <summary>
/// A time series cut into windows of history and horizon, as the published benchmarks do: the first 60 % of the steps train, the last
/// 20 % test, the rest validate; the windows of the last two may reach back into the part before for their history. Values are scaled by mean
/// and (population) deviation of the training part, and so are the figures.
/// </summary>
internal sealed class SeriesWindows
{
    private const double TrainShare = 0.6;
    private const double TestShare = 0.2;

    private readonly TpgnOptions options;
    private readonly float[] values;
    private readonly float[] marks;

    /// <summary>Scales the series and cuts it.</summary>
    /// <exception cref="PigeonException">PG0327: it is too short, or has no variation to scale by.</exception>
    public SeriesWindows(TimeSeries series, TpgnOptions options)
    {
        this.options = options;
        int count = series.Values.Length;
        int train = (int)(count * TrainShare);
        int test = (int)(count * TestShare);
        int history = options.Length;
        int reach = options.Length + options.Horizon;
        (int First, int End)[] parts =
            [(0, train - reach + 1), (train - history, count - test - reach + 1), (count - test - history, count - reach + 1)];
        if (parts.Any(part => part.First < 0 || part.End <= part.First))
        {
            throw new PigeonException("PG0327", $"its {count} steps are too few for windows of {history} + {options.Horizon}", series.Name,
                "use a longer series, or a shorter horizon");
        }

        (Train, Valid, Test) = (parts[0].First..parts[0].End, parts[1].First..parts[1].End, parts[2].First..parts[2].End);
        double mean = series.Values.Take(train).Average();
        double deviation = Math.Sqrt(series.Values.Take(train).Average(x => (x - mean) * (x - mean)));
        if (!(deviation > 0) || !double.IsFinite(deviation))
        {
            throw new PigeonException("PG0327", "it does not vary in its training part, or varies beyond all numbers", series.Name,
                "use another variable");
        }

        values = [.. series.Values.Select(x => (float)((x - mean) / deviation))];
        marks = [.. series.Times.SelectMany(TimeSeries.Calendar)];
    }

    /// <summary>The first steps of the training windows.</summary>
    public Range Train { get; }

    /// <summary>The first steps of the validation windows.</summary>
    public Range Valid { get; }

    /// <summary>The first steps of the test windows.</summary>
    public Range Test { get; }

    /// <summary>The value of a step, scaled.</summary>
    public float this[int step] => values[step];

    /// <summary>Fills the tensors of a batch.</summary>
    /// <param name="starts">The first step of each window.</param>
    /// <param name="series">The histories, <c>Cells[1]</c>.</param>
    /// <param name="calendar">The histories' calendar features, <c>Cells[T]</c>.</param>
    /// <param name="targets">What follows, <c>Columns[days]</c>; null for none.</param>
    public void Fill(ReadOnlySpan<int> starts, Tensor series, Tensor calendar, Tensor? targets)
    {
        (int rows, int columns, int days, int width) = (options.Rows, options.Period, options.Days, options.Marks);
        Span<float> history = series.Span;
        Span<float> features = calendar.Span;
        Span<float> truth = targets is null ? [] : targets.Span;
        for (int w = 0; w < starts.Length; w++)
        {
            for (int hour = 0; hour < columns; hour++)
            {
                int column = (w * columns) + hour;
                for (int row = 0; row < rows; row++)
                {
                    int cell = (column * rows) + row;
                    int step = starts[w] + (row * columns) + hour;
                    history[cell] = values[step];
                    marks.AsSpan(step * width, width).CopyTo(features.Slice(cell * width, width));
                }

                for (int day = 0; day < days && targets is not null; day++)
                {
                    truth[(column * days) + day] = values[starts[w] + options.Length + (day * columns) + hour];
                }
            }
        }
    }
}
