using Pigeon.Compiler;

namespace Pigeon.Models;

/// <summary>The settings of <see cref="Forecasting"/>.</summary>
public sealed record ForecastSettings : TaskSettings
{
    private const int LargestBatch = 1 << 16;

    /// <summary>The variable that is forecast from its own past.</summary>
    public string Variable { get; init; } = "OT";

    /// <summary>The number of windows of a step.</summary>
    public int Batch { get; init; } = 32;

    /// <inheritdoc/>
    public override ITask Open(Recipe recipe, TaskData data, CompileOptions? compile = null) =>
        new Forecasting(Datasets.SeriesDatasets.Open(data.Name, data.Folder, Variable), recipe, compile);

    internal override string? Fault() => Batch is < 1 or > LargestBatch ? $"a batch has 1 … {LargestBatch} windows" : null;
}
