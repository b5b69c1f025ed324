using Pigeon.Models;
using Pigeon.Runtime;

namespace Pigeon.Cli;

/// <summary>Shows how training goes: a bar that grows for a person, a line for each tenth for everyone else.</summary>
internal sealed class TrainingProgress(Terminal terminal, ulong seed, int epochs, Metric metric) : IProgress<EpochReport>, IDisposable
{
    private const int Parts = 10;
    private const int Width = 30;
    private bool isBarShown;

    public void Report(EpochReport value)
    {
        string figures = $"seed {seed}, epoch {value.Epoch} of {epochs}: loss {Format.Loss(value.Loss)}" +
            (value.Validation is { } valid ? $", valid {Format.Figure(metric, valid)}" : "");
        if (terminal.IsInteractive)
        {
            int done = (int)((long)Width * value.Epoch / epochs);
            terminal.Error.Write($"\r{new string('━', done)}{new string('─', Width - done)} {figures}   ");
            isBarShown = true;
        }
        else if ((long)value.Epoch * Parts / epochs > (long)(value.Epoch - 1) * Parts / epochs)
        {
            terminal.Note(figures);
        }
    }

    public void Dispose()
    {
        if (isBarShown)
        {
            terminal.Error.WriteLine();
        }
    }
}
