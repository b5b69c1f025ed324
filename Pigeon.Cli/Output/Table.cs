using Spectre.Console;

namespace Pigeon.Cli;

/// <summary>A table of results: with lines for a person, plain columns for everyone else.</summary>
/// <param name="columns">The headings; one that starts with <c>&gt;</c> stands over numbers, which are aligned right.</param>
internal sealed class Table(params string[] columns)
{
    private const string Gap = "  ";
    private readonly List<string[]> rows = [];

    /// <summary>Adds a row, a cell for each column.</summary>
    public void Add(params string[] cells) => rows.Add(cells);

    /// <summary>Writes the table.</summary>
    public void Write(Terminal terminal)
    {
        if (terminal.IsInteractive)
        {
            WriteWithLines(terminal.Out);
        }
        else
        {
            WritePlain(terminal.Out);
        }
    }

    private static string Heading(string column) => column.TrimStart('>');

    private static bool IsNumber(string column) => column.StartsWith('>');

    private void WritePlain(TextWriter writer)
    {
        string[][] all = [[.. columns.Select(Heading)], .. rows];
        int[] widths = [.. columns.Select((_, c) => all.Max(row => row[c].Length))];
        foreach (string[] row in all)
        {
            var cells = row.Select((cell, c) => IsNumber(columns[c]) ? cell.PadLeft(widths[c]) : cell.PadRight(widths[c]));
            writer.WriteLine(string.Join(Gap, cells).TrimEnd());
        }
    }

    private void WriteWithLines(TextWriter writer)
    {
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(writer) });
        var table = new Spectre.Console.Table { Border = TableBorder.Rounded };
        foreach (string column in columns)
        {
            var heading = new TableColumn(Markup.Escape(Heading(column)));
            table.AddColumn(IsNumber(column) ? heading.RightAligned().NoWrap() : heading);
        }

        foreach (string[] row in rows)
        {
            table.AddRow([.. row.Select(Markup.Escape)]);
        }

        console.Write(table);
    }
}
