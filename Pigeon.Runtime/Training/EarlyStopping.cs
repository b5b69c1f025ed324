using System.Text.Json.Serialization;
using Pigeon.Kernels;

namespace Pigeon.Runtime;

/// <summary>
/// Tells when a metric has stopped improving: a rule and, as it goes, the state, in a value. The state follows from the metrics seen
/// alone, so that a run that is resumed from its JSON form stops where the run that was never stopped does.
/// </summary>
/// <param name="Mode">Which way is better.</param>
/// <param name="Patience">How many metrics in a row may fail to improve before it is enough.</param>
/// <param name="MinDelta">By how much more than this a metric must beat the best to be an improvement.</param>
public sealed record EarlyStopping(MetricMode Mode, int Patience, double MinDelta = 0)
{
    /// <summary>How many metrics in a row may fail to improve, at least 1.</summary>
    public int Patience { get; } = Patience >= 1 ? Patience : throw Invalid($"the patience is {Patience}", "be at least 1");

    /// <summary>By how much more than this a metric must beat the best, at least 0.</summary>
    public double MinDelta { get; } = MinDelta >= 0 && double.IsFinite(MinDelta) ? MinDelta : throw Invalid(
        FormattableString.Invariant($"the least improvement is {MinDelta}"), "be at least 0");

    /// <summary>How many metrics were seen.</summary>
    public int Seen { get; init; }

    /// <summary>The best metric; null before there is one.</summary>
    public double? Best { get; init; }

    /// <summary>Which metric was the best, from 0; −1 before there is one.</summary>
    public int BestAt { get; init; } = -1;

    /// <summary>Whether the last metric is the best: the moment to keep the model.</summary>
    [JsonIgnore]
    public bool IsBest => Seen > 0 && BestAt == Seen - 1;

    /// <summary>Whether the last metrics, as many as the patience, were no improvement.</summary>
    [JsonIgnore]
    public bool ShouldStop => Seen - 1 - BestAt >= Patience;

    /// <summary>The state after another metric. One that isn't finite is never an improvement.</summary>
    /// <param name="metric">The metric.</param>
    public EarlyStopping After(double metric) => Improves(metric)
        ? this with { Seen = Seen + 1, Best = metric, BestAt = Seen }
        : this with { Seen = Seen + 1 };

    private bool Improves(double metric) => double.IsFinite(metric) && (Best is not { } best ||
        (Mode == MetricMode.HigherIsBetter ? metric > best + MinDelta : metric < best - MinDelta));

    private static PigeonException Invalid(string what, string must) => new("PG0241", what, remedy: $"it must {must}");
}
