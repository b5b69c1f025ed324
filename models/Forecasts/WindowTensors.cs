using Pigeon.Runtime;

namespace Pigeon.Models;

/// <summary>The tensors of a batch of windows, given to an executable that reads them.</summary>
internal sealed class WindowTensors : IDisposable
{
    private readonly Tensor series;
    private readonly Tensor marks;
    private readonly Tensor? targets;

    /// <summary>Makes the tensors and sets them.</summary>
    public WindowTensors(Executable executable)
    {
        var shapes = executable.Arguments.ToDictionary(argument => argument.Name, argument => argument.Shape);
        executable.Set("series", series = Tensor.Zeros(shapes["series"]));
        executable.Set("marks", marks = Tensor.Zeros(shapes["marks"]));
        if (shapes.TryGetValue("targets", out var shape))
        {
            executable.Set("targets", targets = Tensor.Zeros(shape));
        }
    }

    /// <summary>Fills them with windows.</summary>
    /// <param name="windows">Where the windows come from.</param>
    /// <param name="starts">The first step of each.</param>
    public void Fill(SeriesWindows windows, ReadOnlySpan<int> starts) => windows.Fill(starts, series, marks, targets);

    /// <inheritdoc/>
    public void Dispose()
    {
        series.Dispose();
        marks.Dispose();
        targets?.Dispose();
    }
}
