using System.Collections.Immutable;

namespace Pigeon.Models;

/// <summary>How good a model is on a split.</summary>
/// <param name="Split"><c>train</c>, <c>valid</c> or <c>test</c>.</param>
/// <param name="Rows">What the split consists of: <c>nodes</c>.</param>
/// <param name="Count">How many.</param>
/// <param name="Figures">The figures, that of the task's metric first.</param>
public sealed record SplitFigures(string Split, string Rows, int Count, ImmutableArray<(Metric Metric, double Value)> Figures)
{
    /// <summary>Of questions that are equally hard, the length of their ways and how many ways a graph has; null for other splits.</summary>
    public (int Length, int Paths)? Cell { get; init; }
}
