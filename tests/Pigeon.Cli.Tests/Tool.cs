using System.Runtime.CompilerServices;
using System.Text.Json;
using Xunit;

namespace Pigeon.Cli.Tests;

/// <summary>Runs the tool in this process.</summary>
internal static class Tool
{
    /// <summary>Compiled kernels of tests are kept beside the tests.</summary>
    [ModuleInitializer]
    public static void KeepCacheHere() =>
        Environment.SetEnvironmentVariable("PIGEON_CACHE", Path.Combine(AppContext.BaseDirectory, "cache"));

    public static Outcome Run(params IReadOnlyList<string> arguments)
    {
        using var results = new StringWriter();
        using var messages = new StringWriter();
        int code = PigeonTool.Run(arguments, new Terminal(results, messages, IsInteractive: false));
        return new(code, results.ToString(), messages.ToString());
    }

    /// <summary>Runs a command that must do, and reads the JSON that it prints.</summary>
    public static JsonElement Json(params IReadOnlyList<string> arguments)
    {
        Outcome outcome = Run([.. arguments, "--json"]);
        Assert.True(outcome.Code == 0, outcome.Messages);
        return JsonDocument.Parse(outcome.Results).RootElement;
    }
}

/// <summary>What a command left.</summary>
/// <param name="Code">The exit code.</param>
/// <param name="Results">What went to standard output.</param>
/// <param name="Messages">What went to standard error.</param>
internal sealed record Outcome(int Code, string Results, string Messages)
{
    /// <summary>
    /// The command was refused in one line, which contains the culprit; nothing else was printed, but for the memory that a run would take.
    /// </summary>
    public void AssertRefused(string culprit)
    {
        Assert.True(Code == 1, $"exit code {Code}: {Messages}");
        string[] lines = [.. Messages.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Where(line => !line.EndsWith("MiB for values, inputs and weights", StringComparison.Ordinal))];
        Assert.True(lines.Length == 1, Messages);
        Assert.Matches("^pigeon: PG[0-9]{4}: ", lines[0]);
        Assert.Contains(culprit, lines[0], StringComparison.Ordinal);
        Assert.Equal("", Results);
    }
}
