using Xunit;

namespace Pigeon.Cli.Tests;

public sealed class CommandLineTests
{
    public static TheoryData<string> Verbs => ["doctor", "models", "datasets", "compile", "run", "train", "eval",
        "predict", "import", "export", "info", "bench"];

    [Theory]
    [MemberData(nameof(Verbs))]
    public void Help_of_a_verb_has_options_and_an_example(string verb)
    {
        Outcome outcome = Tool.Run(verb, "--help");
        Assert.Equal(0, outcome.Code);
        Assert.Contains("--json", outcome.Results, StringComparison.Ordinal);
        Assert.Contains($"Examples:\n  pigeon {verb}", outcome.Results, StringComparison.Ordinal);
        Assert.Equal("", outcome.Messages);
    }

    [Fact]
    public void No_verb_shows_the_help()
    {
        Outcome outcome = Tool.Run();
        Assert.Equal(0, outcome.Code);
        Assert.All<object?[]>(Verbs, row => Assert.Contains((string)row[0]!, outcome.Results, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("'fly'", "fly")]
    [InlineData("'--bogus'", "bench", "--bogus", "3")]
    [InlineData("--graph", "run", "rgcn", "--features", "x.npy", "--weights", "w", "-o", "y.npy")]
    [InlineData("--in", "bench", "--in", "0")]
    [InlineData("--in", "bench", "--in", "64.5")]
    [InlineData("--threads", "bench", "--threads", "100000")]
    [InlineData("nosuchmodel", "bench", "--models", "rgcn,nosuchmodel")]
    [InlineData("nosuchset", "bench", "--datasets", "nosuchset")]
    [InlineData("heads", "bench", "--models", "rgat", "--heads", "5")]
    [InlineData("--datasets", "bench", "--datasets", "default", "--graph", "g")]
    [InlineData("'sideways'", "bench", "--mode", "sideways")]
    [InlineData("'png'", "compile", "rgcn", "--emit", "ir,png", "-o", "unused")]
    [InlineData("'heads'", "compile", "rgat", "--set", "heads", "-o", "unused")]
    [InlineData("'heads'", "compile", "rgat", "--set", "heads=1", "heads=2", "-o", "unused")]
    [InlineData("--heads", "compile", "rgat", "--set", "heads=1", "--heads", "2", "-o", "unused")]
    [InlineData("wings", "compile", "rgat", "--set", "wings=2", "-o", "unused")]
    [InlineData("--format", "import", "--format", "xml", "in", "-o", "unused")]
    [InlineData("--rules", "import", "--format", "csv", "--rules", "dgl", "in", "-o", "unused")]
    [InlineData("nowhere.nt", "import", "--format", "nt", "--rules", "dgl", "nowhere.nt", "-o", "unused")]
    [InlineData("./nowhere", "info", "./nowhere")]
    public void A_wrong_command_line_is_refused_in_one_line(string culprit, params string[] arguments) =>
        Tool.Run(arguments).AssertRefused(culprit);

    [Fact]
    public void A_fault_of_the_tool_is_exit_code_2_and_tells_where_when_asked()
    {
        var broken = new Terminal(new BrokenWriter(), new StringWriter(), IsInteractive: false);
        Assert.Equal(2, PigeonTool.Run(["models"], broken));
        Assert.Single(broken.Error.ToString()!.Split('\n', StringSplitOptions.RemoveEmptyEntries));

        broken = broken with { Error = new StringWriter() };
        Assert.Equal(2, PigeonTool.Run(["models", "--verbose"], broken));
        Assert.Contains(nameof(BrokenWriter), broken.Error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_person_sees_lines_and_a_pipe_sees_plain_columns()
    {
        using var screen = new StringWriter();
        PigeonTool.Run(["info", "gen:aifb@0.01"], new Terminal(screen, TextWriter.Null, IsInteractive: true));
        Assert.Contains('╭', screen.ToString());

        string piped = Tool.Run("info", "gen:aifb@0.01").Results;
        Assert.DoesNotContain('╭', piped);
        Assert.DoesNotContain('\u001b', piped);
    }

    private sealed class BrokenWriter : StringWriter
    {
        public override void WriteLine(string? value) => throw new InvalidOperationException(nameof(BrokenWriter));
    }
}
