using System.Collections.Immutable;
using System.Globalization;
using Pigeon.Kernels;
using Pigeon.Runtime;

namespace Pigeon.Models;

/// <summary>A forecaster and the series that it is judged on. Not safe for use from several threads at once.</summary>
internal sealed class Forecaster : IForecaster
{
    /// <summary>The mean squared error on the scaled values.</summary>
    internal static readonly Metric SquaredError = new("MSE", IsShare: false);

    private static readonly Metric AbsoluteError = new("MAE", IsShare: false);

    private readonly IExecutable executable;
    private readonly SeriesWindows windows;
    private readonly TpgnOptions options;
    private readonly int batch;
    private readonly WindowTensors tensors;
    private readonly TrainedWeights weights;

    public Forecaster(IExecutable executable, SeriesWindows windows, TpgnOptions options, int batch)
    {
        this.windows = windows;
        this.options = options;
        this.batch = batch;
        this.executable = executable;
        tensors = new(executable);
        weights = new(executable, executable.Arguments.Select(argument => argument.Name).Where(name => name.Contains('.')));
    }

    /// <summary>Uses the weights of a training step, as they stand, in place.</summary>
    public Forecaster Using(IExecutable step)
    {
        weights.Share(step);

        return this;
    }

    /// <summary>Uses the weights of a checkpoint.</summary>
    public Forecaster Using(Checkpoint checkpoint)
    {
        weights.Take(checkpoint);

        return this;
    }

    /// <summary>The mean errors over all windows and steps; windows that don't fill a batch are left out.</summary>
    public (double Squared, double Absolute) Errors(Range starts, CancellationToken cancellation) =>
        Errors(starts, Run, cancellation);

    /// <summary>The validation and the test windows; repeating the last step and the last day is told beside the test's.</summary>
    /// <inheritdoc/>
    public ImmutableArray<SplitFigures> Evaluate(CancellationToken cancellation = default) =>
    [
        Figures("valid", windows.Valid, Run, cancellation), .. Baselines(cancellation), Test(cancellation),
    ];

    /// <summary>The test windows.</summary>
    public SplitFigures Test(CancellationToken cancellation) => Figures("test", windows.Test, Run, cancellation);

    /// <summary>What repeating the last step and the last day comes to on the test windows.</summary>
    public ImmutableArray<SplitFigures> Baselines(CancellationToken cancellation) =>
    [
        Figures("test, repeat last", windows.Test, chunk => Repeat(chunk, 1), cancellation),
        Figures("test, seasonal naive", windows.Test, chunk => Repeat(chunk, options.Period), cancellation),
    ];

    /// <summary>Writes the forecast of the last test window as <c>.csv</c>: the step, truth and forecast, scaled.</summary>
    /// <inheritdoc/>
    public string Predict(PredictionRequest request)
    {
        const string extension = ".csv";
        if (request.Queries is not null)
        {
            throw new PigeonException("PG0456", "a forecaster takes no queries", request.Queries, "leave them out");
        }

        if (Path.GetExtension(request.Output) != extension)
        {
            throw new PigeonException("PG0456", $"forecasts are written as {extension}", request.Output, "give it this extension");
        }

        ForecastExample example = Example();
        CsvFile.Write(request.Output, ["step", "truth", "forecast"], example.Forecast.Select((y, step) => new[]
        {
            (step + 1).ToString(CultureInfo.InvariantCulture), example.Truth[step].ToString("R", CultureInfo.InvariantCulture),
            y.ToString("R", CultureInfo.InvariantCulture),
        }));
        return FormattableString.Invariant($"{example.Forecast.Length:N0} steps");
    }

    /// <inheritdoc/>
    public ForecastExample Example()
    {
        int last = windows.Test.End.Value - 1;
        float[] forecast = Run([.. Enumerable.Repeat(last, batch)])[..options.Horizon];
        return new([.. Enumerable.Range(last, options.Length).Select(step => windows[step])],
            [.. Enumerable.Range(last + options.Length, options.Horizon).Select(step => windows[step])],
            [.. Enumerable.Range(0, options.Horizon).Select(step => forecast[PositionOf(step)])]);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        executable.Dispose();
        tensors.Dispose();
        weights.Dispose();
    }

    private SplitFigures Figures(string split, Range starts, Func<int[], float[]> forecast, CancellationToken cancellation)
    {
        (double squared, double absolute) = Errors(starts, forecast, cancellation);
        return new(split, "windows", (starts.End.Value - starts.Start.Value) / batch * batch, [(SquaredError, squared), (AbsoluteError, absolute)]);
    }

    private (double Squared, double Absolute) Errors(Range starts, Func<int[], float[]> forecast, CancellationToken cancellation)
    {
        (double squared, double absolute, long count) = (0, 0, 0);
        foreach (int[] chunk in Enumerable.Range(starts.Start.Value, starts.End.Value - starts.Start.Value).Chunk(batch).Where(c => c.Length == batch))
        {
            cancellation.ThrowIfCancellationRequested();
            float[] y = forecast(chunk);
            for (int w = 0; w < batch; w++)
            {
                for (int step = 0; step < options.Horizon; step++)
                {
                    double error = y[(w * options.Horizon) + PositionOf(step)] - windows[chunk[w] + options.Length + step];
                    squared += error * error;
                    absolute += Math.Abs(error);
                }
            }

            count += (long)batch * options.Horizon;
        }

        return double.IsNaN(squared)
            ? throw new PigeonException("PG0238", "a forecast is not a number", remedy: "lower the learning rate, or clip gradients")
            : (squared / count, absolute / count);
    }

    /// <summary>Where a step of the horizon stands in a window of the output: column by column.</summary>
    private int PositionOf(int step) => (step % options.Period * options.Days) + (step / options.Period);

    private float[] Run(int[] starts)
    {
        tensors.Fill(windows, starts);
        executable.Run();
        return executable.Output("y").Span.ToArray();
    }

    /// <summary>What comes of repeating the last steps of the history, in the order of the output.</summary>
    private float[] Repeat(int[] starts, int period)
    {
        float[] y = new float[starts.Length * options.Horizon];
        for (int w = 0; w < starts.Length; w++)
        {
            for (int step = 0; step < options.Horizon; step++)
            {
                y[(w * options.Horizon) + PositionOf(step)] = windows[starts[w] + options.Length - period + (step % period)];
            }
        }

        return y;
    }
}
