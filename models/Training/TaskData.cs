using Pigeon.Datasets;

namespace Pigeon.Models;

/// <summary>Where a task finds its dataset.</summary>
/// <param name="Name">The dataset's name in the registry, or a path.</param>
/// <param name="Folder">The folder with the real datasets; null where there is none.</param>
/// <param name="OpenGraph">Opens the dataset as a graph, for tasks on one graph.</param>
/// <param name="TestFiles">Files of test rows to be judged by in place of the dataset's own; null for none.</param>
public sealed record TaskData(string Name, string? Folder, Func<GraphDataset> OpenGraph, IReadOnlyList<string>? TestFiles = null);
