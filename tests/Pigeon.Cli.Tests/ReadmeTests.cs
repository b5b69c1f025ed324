using System.Diagnostics;
using System.Text.RegularExpressions;
using Xunit;

namespace Pigeon.Cli.Tests;

/// <summary>What the README shows is so.</summary>
public sealed partial class ReadmeTests
{
    private const string Command = "./pigeon ";

    private static readonly string Text = File.ReadAllText(Path.Combine(Repository.Root, "README.md"));

    [Fact]
    public void Commands_do_what_they_say()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateSymbolicLink(folder["tests"], Path.Combine(Repository.Root, "tests"));
        var variables = new Dictionary<string, string>();
        int commands = 0;
        foreach (string line in ShellBlock().Matches(Text).SelectMany(block => block.Groups["text"].Value.Split('\n')))
        {
            string text = variables.Aggregate(line, (all, variable) => all.Replace('$' + variable.Key, variable.Value, StringComparison.Ordinal));
            if (Assignment().Match(text) is { Success: true } assignment)
            {
                variables[assignment.Groups["name"].Value] = assignment.Groups["value"].Value;
            }
            else if (text.StartsWith(Command, StringComparison.Ordinal))
            {
                Run(folder.Path, text[Command.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries));
                commands++;
            }
        }

        Assert.True(commands >= 10, $"{commands} commands were found");
    }

    [Fact]
    public void Code_is_the_code_of_the_file_that_it_names()
    {
        MatchCollection blocks = CodeBlock().Matches(Text);
        Assert.NotEmpty(blocks);
        Assert.All(blocks, block => Assert.Contains(Unindented(block.Groups["text"].Value),
            Unindented(File.ReadAllText(Path.Combine(Repository.Root, block.Groups["file"].Value))), StringComparison.Ordinal));
    }

    [Fact]
    public void Links_lead_to_files() =>
        Assert.All(Link().Matches(Text), link => Assert.True(Path.Exists(Path.Combine(Repository.Root, link.Groups["file"].Value)), link.Value));

    private static void Run(string folder, string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "pigeon.dll"), .. arguments])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        Task<string> messages = process.StandardError.ReadToEndAsync();
        string results = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{string.Join(' ', arguments)}: {messages.Result}");
        Assert.DoesNotContain('\u001b', results);
    }

    private static string Unindented(string code) => string.Join('\n', code.Split('\n').Select(line => line.Trim()));

    [GeneratedRegex("^```sh\n(?<text>.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline | RegexOptions.ExplicitCapture)]
    private static partial Regex ShellBlock();

    [GeneratedRegex("^<!-- from (?<file>.*?) -->\n```csharp\n(?<text>.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline | RegexOptions.ExplicitCapture)]
    private static partial Regex CodeBlock();

    [GeneratedRegex("^(?<name>[a-z]+)=(?<value>.*)$", RegexOptions.ExplicitCapture)]
    private static partial Regex Assignment();

    [GeneratedRegex(@"\]\((?<file>[^)#]+)\)", RegexOptions.ExplicitCapture)]
    private static partial Regex Link();
}
