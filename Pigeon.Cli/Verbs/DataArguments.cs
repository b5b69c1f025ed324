using System.CommandLine;
using Pigeon.Datasets;
using Pigeon.Kernels;
using Pigeon.Models;

namespace Pigeon.Cli;

/// <summary>The option that says where the real datasets lie, and the graphs that names and paths stand for.</summary>
internal sealed class DataArguments
{
    private readonly Option<string?> data = Arguments.Path("--data", "the data folder; otherwise PIGEON_DATA");

    /// <summary>The option.</summary>
    public Symbol Symbol => data;

    /// <summary>The data folder, or null.</summary>
    public string? Folder(ParseResult line) =>
        line.GetValue(data) ?? (Environment.GetEnvironmentVariable("PIGEON_DATA") is { Length: > 0 } folder ? folder : null);

    /// <summary>Opens a dataset by its name.</summary>
    /// <exception cref="PigeonException">PG0317, PG0318: there is no such dataset here. PG03xx: its files can't be used.</exception>
    public GraphDataset Named(ParseResult line, string name) => DatasetRegistry.Open(name, Folder(line));

    /// <summary>A dataset for a task, which opens it as it needs it.</summary>
    public TaskData ForTask(ParseResult line, string pathOrName, IReadOnlyList<string>? testFiles = null) =>
        new(pathOrName, Folder(line), () => Find(line, pathOrName), testFiles);

    /// <summary>Opens a graph by its path, if there is one, or else by its name.</summary>
    /// <exception cref="PigeonException">As <see cref="Named"/> and <see cref="GraphFile.Open"/>.</exception>
    public GraphDataset Find(ParseResult line, string pathOrName) =>
        Path.Exists(pathOrName) ? GraphFile.Open(pathOrName)
        : pathOrName.Contains('/') || Path.HasExtension(pathOrName) && !pathOrName.Contains('@') ? throw new PigeonException(DiagnosticIds.FileAccess,
            "there is no such file or folder", pathOrName)
        : Named(line, pathOrName);
}
