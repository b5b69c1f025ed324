using System.Collections.Immutable;
using Pigeon.Kernels;

namespace Pigeon.Datasets;

/// <summary>The datasets of questions about graphs that Pigeon knows by name.</summary>
public static class QueryDatasets
{
    private const string Generated = "gen:rcc8";

    private static readonly ImmutableArray<(string Name, string Path, Func<string, QueryDataset> Read)> Entries =
    [
        ("star-rcc8", "epignn/star", folder => Star.Read(folder, "rcc8")),
        ("star-interval", "epignn/star", folder => Star.Read(folder, "interval")),
        ("clutrr", "epignn/clutrr/data_db9b8f04.zip", Clutrr.Read),
    ];

    /// <summary>The datasets' names.</summary>
    public static ImmutableArray<string> Names => [.. Entries.Select(entry => entry.Name), Generated];

    /// <summary>Opens a dataset.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="folder">The folder with the real datasets; null where there is none.</param>
    /// <exception cref="PigeonException">PG0317: no dataset has the name. PG0318: its files are not in the folder. As its reader.</exception>
    public static QueryDataset Open(string name, string? folder)
    {
        if (name == Generated)
        {
            return Rcc8Generator.Create(seed: 0);
        }

        var entry = Entries.FirstOrDefault(entry => entry.Name == name);
        if (entry.Name is null)
        {
            throw new PigeonException(DiagnosticIds.UnknownDataset, $"no dataset of questions is called '{name}'",
                remedy: $"one of {string.Join(", ", Names)}");
        }

        string? path = folder is null ? null : Path.Combine(folder, entry.Path);
        return Path.Exists(path)
            ? entry.Read(path) with { Name = name }
            : throw new PigeonException(DiagnosticIds.UnavailableDataset,
                $"dataset {name} is not here: {(folder is null ? "no data folder is set" : $"{folder} has no {entry.Path}")}",
                remedy: $"set PIGEON_DATA or --data to the folder that holds {entry.Path}");
    }
}
