using Pigeon.Datasets;

namespace Pigeon.Models;

/// <summary>Where a task finds its dataset.</summary>
/// <param name="Name">The dataset's name in the registry, or a path.</param>
/// <param name="Folder">The folder with the real datasets; null where there is none.</param>
/// <param name="OpenGraph">Opens the dataset as a graph, for tasks on one graph.</param>
public sealed record TaskData(string Name, string? Folder, Func<GraphDataset> OpenGraph);
