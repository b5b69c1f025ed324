namespace Pigeon.Datasets;

/// <summary>A node type of a graph to generate.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Count">How many nodes it has.</param>
public sealed record NodeTypeShape(string Name, int Count);
