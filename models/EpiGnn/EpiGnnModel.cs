using System.Collections.Immutable;
using Pigeon.Compiler;
using Pigeon.Datasets;
using Pigeon.Kernels;

namespace Pigeon.Models;

/// <summary><see cref="EpiGnn"/> by name.</summary>
internal sealed class EpiGnnModel : ITaskModel
{
    public string Name => "epignn";

    public string Description => "EpiGNN (Khalid and Schockaert 2025): which relation holds between two nodes of a small graph";

    public ImmutableArray<ModelOption> Options => EpiGnnOptions.Named;

    public string Dataset => "gen:rcc8";

    public Program Create(IReadOnlyDictionary<string, string> set) => EpiGnn.Build(EpiGnnOptions.Parse(set));

    public Program CreateLoss(IReadOnlyDictionary<string, string> set) => EpiGnn.BuildLoss(EpiGnnOptions.Parse(set));

    /// <summary>Training questions from all parts of the dataset, since these are in the order of their lengths.</summary>
    /// <inheritdoc/>
    public GraphBinding Batch(IReadOnlyDictionary<string, string> set, string dataset, string? folder, bool training)
    {
        QuerySet all = QueryDatasets.Open(dataset, folder).Train;
        int count = Math.Min(new RelationQuerySettings().Batch, all.Queries.Length);
        QuerySet some = all with { Queries = [.. Enumerable.Range(0, count).Select(i => all.Queries[(int)((long)i * all.Queries.Length / count)])] };
        var random = new SplitMix64(0, 0);
        return new QueryBatch(some).Bind([.. Enumerable.Range(0, count)], training ? limit => random.Below(limit) : null);
    }
}
