using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Pigeon.Kernels;

namespace Pigeon.Cli;

/// <summary>The kinds of options that verbs have.</summary>
internal static class Arguments
{
    private const int WidestRow = 1 << 20;
    private const int MostThreads = 1024;

    /// <summary>A whole number from 1.</summary>
    public static Option<int> Count(string name, int standard, string description, int largest = WidestRow) => new(name)
    {
        Description = description,
        HelpName = "n",
        DefaultValueFactory = _ => standard,
        CustomParser = token => ParseCount(token, name, largest),
    };

    /// <summary>A whole number from 1, or none.</summary>
    public static Option<int?> OptionalCount(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "n",
        CustomParser = token => ParseCount(token, name, WidestRow),
    };

    /// <summary>The number of threads.</summary>
    public static Option<int> Threads(int standard) => Count("--threads", standard, "threads; results don't depend on them", MostThreads);

    /// <summary>A file or folder.</summary>
    public static Option<string?> Path(string name, string description, params string[] aliases) =>
        new(name, aliases) { Description = description, HelpName = "path" };

    /// <summary>A file or folder that must be given.</summary>
    public static Option<string> RequiredPath(string name, string description, params string[] aliases) =>
        new(name, aliases) { Description = description, HelpName = "path", Required = true };

    /// <summary>Words, separated by commas or spaces.</summary>
    public static Option<string[]> Words(string name, string helpName, string description, params string[] standard) => new(name)
    {
        Description = description,
        HelpName = helpName,
        AllowMultipleArgumentsPerToken = true,
        DefaultValueFactory = _ => [string.Join(',', standard)],
    };

    /// <summary>The words of such an option.</summary>
    public static IReadOnlyList<string> Split(this ParseResult line, Option<string[]> words) =>
        [.. line.GetValue(words)!.SelectMany(part => part.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))];

    /// <summary>One of a few words.</summary>
    /// <exception cref="PigeonException">PG0502: it is none of them.</exception>
    public static void RequireAmong(string option, IEnumerable<string> words, params ReadOnlySpan<string> known)
    {
        foreach (string word in words)
        {
            if (!known.Contains(word))
            {
                throw new PigeonException(DiagnosticIds.OptionValue, $"'{word}' is not known", option, $"use {string.Join(", ", known)}");
            }
        }
    }

    private static int ParseCount(ArgumentResult token, string name, int largest)
    {
        string text = token.Tokens.Count == 1 ? token.Tokens[0].Value : "";
        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int count) || count < 1 || count > largest)
        {
            token.AddError($"{name} is '{text}', but must be a whole number, 1 … {largest}");
        }

        return count;
    }
}
