namespace Pigeon.Datasets;

/// <summary>An edge type of a graph to generate.</summary>
/// <param name="Name">Its name.</param>
/// <param name="SourceType">The node type of its sources.</param>
/// <param name="DestinationType">The node type of its destinations.</param>
/// <param name="Edges">How many edges it has.</param>
public sealed record RelationShape(string Name, int SourceType, int DestinationType, int Edges);
