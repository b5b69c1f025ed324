using Pigeon.Runtime;

namespace Pigeon.Models;

/// <summary>The tensors of a batch of windows, given to an executable that reads them.</summary>
internal sealed class WindowTensors : IDisposable
{
    private readonly IExecutable executable;
    private readonly Tensor series;
    private readonly Tensor marks;
    private readonly Tensor? targets;

    /// <summary>Makes the tensors.</summary>
    public WindowTensors(IExecutable executable)
    {
        this.executable = executable;
        var shapes = executable.Arguments.ToDictionary(argument => argument.Name, argument => argument.Shape);
        (series, marks) = (Tensor.Zeros(shapes["series"]), Tensor.Zeros(shapes["marks"]));
        targets = shapes.TryGetValue("targets", out var shape) ? Tensor.Zeros(shape) : null;
    }

    /// <summary>Fills them with windows, and gives them: a device has copies of its own.</summary>
    /// <param name="windows">Where the windows come from.</param>
    /// <param name="starts">The first step of each.</param>
    public void Fill(SeriesWindows windows, ReadOnlySpan<int> starts)
    {
        windows.Fill(starts, series, marks, targets);
        executable.Set("series", series);
        executable.Set("marks", marks);
        if (targets is not null)
        {
            executable.Set("targets", targets);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        series.Dispose();
        marks.Dispose();
        targets?.Dispose();
    }
}
