namespace Pigeon.Datasets;

/// <summary>A dataset of the registry.</summary>
/// <param name="Name">The name to open it by.</param>
/// <param name="Description">What it is, with its counts and whether it has reverse edges.</param>
/// <param name="Path">Where it lies in the data folder, or null if it is generated.</param>
/// <param name="Open">Reads it from that path, or generates it from the seed; the argument that doesn't apply is ignored.</param>
public sealed record DatasetEntry(string Name, string Description, string? Path, Func<string?, ulong, GraphDataset> Open)
{
    /// <summary>Whether it is generated, so that it needs no files.</summary>
    public bool IsGenerated => Path is null;

    /// <summary>Whether <see cref="DatasetRegistry.Open"/> will find it.</summary>
    /// <param name="dataFolder">The data folder, or null where there is none.</param>
    public bool IsAvailable(string? dataFolder) =>
        Path is null || (dataFolder is not null && System.IO.Path.Exists(System.IO.Path.Combine(dataFolder, Path)));
}
