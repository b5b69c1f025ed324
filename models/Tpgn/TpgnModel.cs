using System.Collections.Immutable;
using Pigeon.Compiler;
using Pigeon.Datasets;
using Pigeon.Kernels;

namespace Pigeon.Models;

/// <summary><see cref="Tpgn"/> by name.</summary>
internal sealed class TpgnModel : ITaskModel
{
    public string Name => "tpgn";

    public string Description => "TPGN (Jia et al. 2024): forecasts of one series, folded into days and hours";

    public ImmutableArray<ModelOption> Options => TpgnOptions.Named;

    public string Dataset => SeriesDatasets.Names[0];

    public Program Create(IReadOnlyDictionary<string, string> set) => Tpgn.Build(TpgnOptions.Parse(set));

    public Program CreateLoss(IReadOnlyDictionary<string, string> set) => Tpgn.BuildLoss(TpgnOptions.Parse(set));

    /// <summary>All batches of windows are alike, whatever the series.</summary>
    /// <inheritdoc/>
    public GraphBinding Batch(IReadOnlyDictionary<string, string> set, string dataset, string? folder, bool training)
    {
        SeriesDatasets.RequireKnown(dataset);
        var options = TpgnOptions.Parse(set);
        options.Check();
        return WindowSchema.Bind(new ForecastSettings().Batch, options.Rows, options.Period);
    }
}
