namespace Pigeon.Datasets;

/// <summary>An edge type in <c>schema.json</c>; an end is the name of a node type, or null where several occur.</summary>
internal sealed record FolderEdgeType(string Name, string? Source, string? Destination, long Edges);
