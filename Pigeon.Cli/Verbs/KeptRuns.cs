using Pigeon.Compiler;
using Pigeon.Kernels;
using Pigeon.Models;
using Pigeon.Runtime;

namespace Pigeon.Cli;

/// <summary>The training runs that folders hold. Where the last run of each model was kept is remembered beside the compiled images.</summary>
internal static class KeptRuns
{
    private const string Remembered = "runs";

    /// <summary>The folder of one of several seeds.</summary>
    public static string FolderOf(string folder, ulong seed) => Path.Combine(folder, FormattableString.Invariant($"seed-{seed}"));

    /// <summary>Remembers where a model's last run was kept; where that can't be written, a note says so.</summary>
    public static void Remember(string model, string folder, Terminal terminal)
    {
        if (NoteOf(model) is not { } note)
        {
            return;
        }

        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(note)!);
            OutputFile.Write(note, stream => stream.Write(System.Text.Encoding.UTF8.GetBytes(Path.GetFullPath(folder))));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or PigeonException)
        {
            terminal.Note($"pigeon eval {model} won't find this run by the model's name: {e.Message}");
        }
    }

    /// <summary>The checkpoints that a word stands for: a file; the runs in a folder, each by its best; the last run of a model.</summary>
    /// <exception cref="PigeonException">PG0512: there is no run in the folder, or none of the model is known.</exception>
    public static IReadOnlyList<string> Find(string word)
    {
        if (!Directory.Exists(word) && !File.Exists(word) && IsModel(word))
        {
            word = NoteOf(word) is { } note && File.Exists(note) && File.ReadAllText(note) is var folder && Directory.Exists(folder) ? folder
                : throw new PigeonException(DiagnosticIds.NoRun, $"no run of {word} that was kept is known", word,
                    $"pigeon train {word} --dataset NAME -o FOLDER, or name a checkpoint");
        }

        return Directory.Exists(word) ? In(word) : [word];
    }

    private static IReadOnlyList<string> In(string folder)
    {
        string[] runs = BestIn(folder) is { } own ? [own]
            : [.. Directory.GetDirectories(folder, "seed-*").Order(StringComparer.Ordinal).Select(BestIn).OfType<string>()];
        return runs.Length > 0 ? runs
            : throw new PigeonException(DiagnosticIds.NoRun, "it holds no training run", folder, "name a checkpoint, or the folder that train -o wrote");
    }

    private static string? BestIn(string folder) =>
        new[] { Trainer.Best, Trainer.Last }.Select(name => Path.Combine(folder, name)).FirstOrDefault(File.Exists);

    private static bool IsModel(string word) =>
        ModelCatalog.All.Any(model => model.Name == word) || ModelCatalog.FindOfTask(word) is not null;

    private static string? NoteOf(string model) => ImageCache.Default() is { } cache ? Path.Combine(cache.FullName, Remembered, model) : null;
}
