namespace Pigeon.Cli;

/// <summary>Where the tool writes: results to one writer, messages and progress to the other.</summary>
/// <param name="Out">The results.</param>
/// <param name="Error">Everything else.</param>
/// <param name="IsInteractive">Whether a person reads the results, so that tables may have lines and colours.</param>
internal sealed record Terminal(TextWriter Out, TextWriter Error, bool IsInteractive)
{
    /// <summary>The process's own. A person who sets <c>NO_COLOR</c>, or whose terminal is dumb, gets plain text.</summary>
    public static Terminal OfProcess() => new(Console.Out, Console.Error, !Console.IsOutputRedirected &&
        string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR")) && Environment.GetEnvironmentVariable("TERM") is not (null or "dumb"));

    /// <summary>Says what is going on.</summary>
    public void Note(string message) => Error.WriteLine(message);
}
