namespace Pigeon.Datasets;

/// <summary>The labels in <c>schema.json</c>.</summary>
/// <param name="Classes">The name of each class.</param>
/// <param name="Rows">The rows of <c>labels.parquet</c>, all splits together.</param>
internal sealed record FolderLabels(IReadOnlyList<string> Classes, long Rows);
