namespace Pigeon.Datasets;

/// <summary>A node type in <c>schema.json</c>.</summary>
internal sealed record FolderNodeType(string Name, long Count);
