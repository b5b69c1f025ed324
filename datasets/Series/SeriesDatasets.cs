using System.Collections.Immutable;
using Pigeon.Kernels;

namespace Pigeon.Datasets;

/// <summary>The time series that Pigeon knows by name, and any other by its path.</summary>
public static class SeriesDatasets
{
    private static readonly ImmutableArray<(string Name, string Path)> Entries =
        [("etth1", "timeseries/ETTh1.csv.gz"), ("weather", "timeseries/weather.csv.gz")];

    /// <summary>The names.</summary>
    public static ImmutableArray<string> Names => [.. Entries.Select(entry => entry.Name)];

    /// <summary>Opens one variable of a dataset.</summary>
    /// <param name="name">The dataset's name, or the path of a CSV file.</param>
    /// <param name="folder">The folder with the real datasets; null where there is none.</param>
    /// <param name="variable">The variable's name.</param>
    /// <exception cref="PigeonException">PG0317: there is no such dataset or file. PG0318: its file is not in the folder. As the reader.</exception>
    public static TimeSeries Open(string name, string? folder, string variable)
    {
        RequireKnown(name);
        var entry = Entries.FirstOrDefault(entry => entry.Name == name);
        if (entry.Name is null)
        {
            return TimeSeriesCsv.Read(name, variable);
        }

        string? path = folder is null ? null : Path.Combine(folder, entry.Path);
        return File.Exists(path)
            ? TimeSeriesCsv.Read(path, variable)
            : throw new PigeonException(DiagnosticIds.UnavailableDataset,
                $"dataset {name} is not here: {(folder is null ? "no data folder is set" : $"{folder} has no {entry.Path}")}",
                remedy: $"set PIGEON_DATA or --data to the folder that holds {entry.Path}");
    }

    /// <summary>Refuses what is neither a dataset's name nor a file; whether the dataset is here is not asked.</summary>
    /// <param name="name">The dataset's name, or the path of a CSV file.</param>
    /// <exception cref="PigeonException">PG0317: there is no such dataset or file.</exception>
    public static void RequireKnown(string name)
    {
        if (!Names.Contains(name) && !File.Exists(name))
        {
            throw new PigeonException(DiagnosticIds.UnknownDataset, $"no time series is called '{name}', and there is no such file",
                remedy: $"one of {string.Join(", ", Names)}, or the path of a CSV file");
        }
    }
}
