namespace Pigeon.Datasets;

/// <summary>Test questions that are equally hard.</summary>
/// <param name="Length">k: the edges of a way from head to tail; 0 where it isn't known.</param>
/// <param name="Paths">b: how many such ways a graph has; 0 where it isn't known.</param>
/// <param name="Questions">The questions.</param>
public sealed record QueryCell(int Length, int Paths, QuerySet Questions);
