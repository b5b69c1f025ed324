using System.Globalization;
using System.Text;
using Pigeon.Compiler;
using Pigeon.Kernels;
using Xunit;

namespace Pigeon.Tests;

/// <summary>
/// Texts that must be refused. Under the line that is at fault stands a comment with a caret under the column, the diagnostic's
/// id and its message. A text begins with <c>===</c> and its name.
/// </summary>
public sealed class RefusalTests
{
    private const string Folder = "refusals";

    public static TheoryData<string, string> Texts
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (string file in TextFile.Names(Folder))
            {
                foreach ((string name, _) in Split(file))
                {
                    data.Add(file, name);
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Texts))]
    public void Text_is_refused_at_its_caret(string file, string name)
    {
        string annotated = Split(file).Single(text => text.Name == name).Text;
        Assert.Equal(annotated, Annotate(annotated));
    }

    [Fact]
    public void There_are_at_least_sixty_texts() => Assert.True(Texts.Count >= 60, $"there are {Texts.Count}");

    [Fact]
    public void Every_diagnostic_of_programs_is_shown()
    {
        string all = string.Concat(TextFile.Names(Folder).Select(file => TextFile.Read(Folder, file)));
        Assert.All(["PG0101", "PG0102", "PG0103", "PG0104", "PG0106", "PG0107", "PG0108", "PG0109", "PG0110"],
            id => Assert.Contains(id, all));
    }

    /// <summary>Writes the carets anew: for whoever changes a message on purpose.</summary>
    [Fact]
    public void Texts_are_blessed_when_asked()
    {
        foreach (string file in TextFile.Names(Folder))
        {
            TextFile.Equal(Folder, file, string.Concat(Split(file).Select(text => $"=== {text.Name}\n{Annotate(text.Text)}")));
        }
    }

    private static IEnumerable<(string Name, string Text)> Split(string file) =>
        TextFile.Read(Folder, file).Split("=== ", StringSplitOptions.RemoveEmptyEntries)
            .Select(part => (part[..part.IndexOf('\n')], part[(part.IndexOf('\n') + 1)..]));

    /// <summary>The text with what its refusal says in place of the comment that was there.</summary>
    private static string Annotate(string annotated)
    {
        string[] lines = [.. annotated.TrimEnd('\n').Split('\n').Where(line => !line.StartsWith('#'))];
        Diagnostic diagnostic;
        try
        {
            return $"{ProgramParser.Parse(string.Join('\n', lines), "f")}# was accepted\n";
        }
        catch (PigeonException error)
        {
            diagnostic = error.Diagnostic;
        }

        string[] place = diagnostic.Place!.Split(':');
        (int line, int column) = (int.Parse(place[1], CultureInfo.InvariantCulture), int.Parse(place[2], CultureInfo.InvariantCulture));
        var text = new StringBuilder();
        for (int i = 0; i < lines.Length; i++)
        {
            text.Append(lines[i]).Append('\n');
            if (i == line - 1)
            {
                text.Append('#').Append(' ', Math.Max(0, column - 2)).Append($"^ {diagnostic.Id} {diagnostic.Message}\n");
            }
        }

        return text.ToString();
    }
}
