using System.Text.Json;
using Pigeon.Compiler;

namespace Pigeon.Cli;

/// <summary>
/// Cells of a grid in a file, a line of JSON each, so that a grid that was interrupted goes on. A line belongs to one build of the compiler and to the
/// costs that plans were chosen by; cells of others are measured again. A line that was cut off is as good as none.
/// </summary>
/// <param name="path">The file; null to keep nothing.</param>
internal sealed class KeptCells(string? path)
{
    private static readonly string Build = FormattableString.Invariant(
        $"{typeof(ProgramCompiler).Assembly.ManifestModule.ModuleVersionId} {MachineCostsFile.Machine} {string.Join(' ', PlanArguments.Machine.ToArray())}");

    /// <summary>The cells of this build.</summary>
    public IReadOnlyList<GridCell> Read() => path is null || !File.Exists(path)
        ? []
        : [.. File.ReadLines(path).Select(Parse).OfType<KeptCell>().Where(kept => kept.Build == Build).Select(kept => kept.Cell)];

    /// <summary>Adds a cell.</summary>
    public void Add(GridCell cell)
    {
        if (path is not null)
        {
            // On a line of its own, whatever the last one lacks.
            File.AppendAllText(path, "\n" + Json.Line(new KeptCell(Build, cell)));
        }
    }

    private static KeptCell? Parse(string line)
    {
        try
        {
            return Json.Parse<KeptCell>(line);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <summary>A cell, and what it was measured with.</summary>
internal sealed record KeptCell(string Build, GridCell Cell);
