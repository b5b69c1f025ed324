using System.CommandLine;
using System.Globalization;
using Pigeon.Compiler;
using Pigeon.Kernels;

namespace Pigeon.Cli;

/// <summary>The options that say how a plan is chosen, and how much memory it may take.</summary>
internal sealed class PlanArguments
{
    private static readonly (string Suffix, long Bytes)[] Units =
    [
        ("KiB", 1L << 10), ("MiB", 1L << 20), ("GiB", 1L << 30), ("KB", 1_000), ("MB", 1_000_000), ("GB", 1_000_000_000), ("B", 1),
    ];

    private readonly Option<bool> autotune = new("--autotune") { Description = "measure the best plans and take the fastest; the answer is kept" };
    private readonly Option<string?> memoryLimit = new("--memory-limit")
    {
        Description = "run with no more memory, such as 8GB or 512MiB, or not at all",
        HelpName = "size",
    };

    private readonly Option<string> storage = StorageArguments.Option();

    /// <summary>The options, in order.</summary>
    public IEnumerable<Symbol> Symbols => [storage, autotune, memoryLimit];

    /// <summary>The option that says how a plan is chosen, alone.</summary>
    public Symbol Autotune => autotune;

    /// <summary>The option that says what rows are kept in, alone.</summary>
    public Option<string> Storage => storage;

    /// <summary>The costs of this machine: as it was calibrated, or else the estimates.</summary>
    public static MachineCosts Machine => ImageCache.Default() is { } folder ? MachineCostsFile.Find(folder) ?? MachineCosts.Default : MachineCosts.Default;

    /// <summary>How programs are compiled for a graph.</summary>
    /// <param name="line">The command line.</param>
    /// <param name="threads">The threads that run it, and that plans are measured with.</param>
    /// <param name="terminal">Told what was done to fit a plan into the memory; null where there is no limit.</param>
    /// <param name="graph">The graph; null where the caller adds one.</param>
    /// <exception cref="PigeonException">PG0502: the limit is not a size.</exception>
    public CompileOptions Options(ParseResult line, int threads, Terminal? terminal, GraphBinding? graph = null) => new()
    {
        Memory = terminal is not null && line.GetValue(memoryLimit) is { } text ? new(Parse(text), threads) : null,
        Fitted = fit => terminal?.Note($"to keep within the limit, {Format.Count(fit.Copied)} value(s) are computed again: " +
            $"{Format.Mebibytes(fit.BytesAfter)} MiB instead of {Format.Mebibytes(fit.BytesBefore)}, and a predicted " +
            $"{Format.Number(fit.SecondsAfter * 1e3)} ms instead of {Format.Number(fit.SecondsBefore * 1e3)}"),
        Graph = graph,
        Threads = threads,
        Machine = Machine,
        Storage = line.Storage(storage),
        Tuner = line.GetValue(autotune) ? new MeasuringTuner(threads) : null,
    };

    /// <summary>Tells what a run will take, and refuses it where that is more than it may.</summary>
    /// <exception cref="PigeonException">PG0502: the limit is not a size. PG0510: the run would take more.</exception>
    public void RequireMemory(ParseResult line, Terminal terminal, string place, long bytes)
    {
        if (line.GetValue(memoryLimit) is { } text && Parse(text) is var limit && bytes > limit)
        {
            throw new PigeonException(DiagnosticIds.MemoryLimit,
                $"it would take {Format.Count(bytes)} bytes, and the limit is {Format.Count(limit)}", place,
                "raise --memory-limit, or use a smaller graph or narrower rows");
        }

        terminal.Note($"{place}: {Format.Mebibytes(bytes)} MiB for values, inputs and weights");
    }

    private static long Parse(string text)
    {
        (string suffix, long unit) = Array.Find(Units, u => text.EndsWith(u.Suffix, StringComparison.OrdinalIgnoreCase));
        string digits = text[..^(suffix?.Length ?? 0)].Trim();
        return decimal.TryParse(digits, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal number) &&
            number <= long.MaxValue / Math.Max(unit, 1)
            ? (long)(number * Math.Max(unit, 1))
            : throw new PigeonException(DiagnosticIds.OptionValue, $"'{text}' is not a size", "--memory-limit", "write 8GB, 512MiB or a number of bytes");
    }
}
