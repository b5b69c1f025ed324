using System.Text;
using Pigeon.Kernels;

namespace Pigeon.Runtime;

/// <summary>Tables of text as CSV (RFC 4180): UTF-8, a header, fields quoted where they must be.</summary>
public static class CsvFile
{
    /// <summary>Writes a table; an existing file is replaced at once or, on an error, kept.</summary>
    /// <param name="path">The file.</param>
    /// <param name="header">The columns.</param>
    /// <param name="rows">The rows, each as wide as the header.</param>
    /// <exception cref="PigeonException">PG0360: the file can't be written.</exception>
    public static void Write(string path, IReadOnlyList<string> header, IEnumerable<IReadOnlyList<string>> rows) =>
        AtomicFile.Write(path, stream =>
        {
            var utf8 = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
            using var writer = new StreamWriter(stream, utf8, leaveOpen: true) { NewLine = "\n" };
            foreach (IReadOnlyList<string> row in rows.Prepend(header))
            {
                writer.WriteLine(string.Join(',', row.Select(Quoted)));
            }
        });

    /// <summary>Reads a table line by line; a quoted field may not hold a line break.</summary>
    /// <param name="path">The file.</param>
    /// <param name="header">The columns that it must have, in this order.</param>
    /// <returns>The number of each line and its fields; empty lines are left out.</returns>
    /// <exception cref="PigeonException">PG0368: it can't be read, has other columns, or a row isn't as wide as the header.</exception>
    public static IEnumerable<(int Line, string[] Row)> Read(string path, IReadOnlyList<string> header)
    {
        int number = 0;
        foreach (string line in Lines(path))
        {
            number++;
            if (line.Length == 0)
            {
                continue;
            }

            string[] row = Fields(line, path, number);
            if (number == 1 ? !row.SequenceEqual(header) : row.Length != header.Count)
            {
                throw new PigeonException("PG0368", number == 1 ? "it has other columns" : $"there are {row.Length} fields instead of {header.Count}",
                    Place(path, number), $"the columns are {string.Join(", ", header)}");
            }

            if (number > 1)
            {
                yield return (number, row);
            }
        }
    }

    private static string[] Lines(string path)
    {
        try
        {
            return File.ReadAllLines(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new PigeonException(new("PG0368", "it can't be read: " + e.Message, path), e);
        }
    }

    private static string[] Fields(string line, string path, int number)
    {
        var fields = new List<string>();
        var field = new StringBuilder();
        bool isQuoted = false;
        for (int i = 0; i < line.Length; i++)
        {
            switch (line[i])
            {
                case '"' when !isQuoted && field.Length == 0:
                    isQuoted = true;
                    break;
                case '"' when isQuoted && i + 1 < line.Length && line[i + 1] == '"':
                    field.Append('"');
                    i++;
                    break;
                case '"' when isQuoted && (i + 1 == line.Length || line[i + 1] == ','):
                    isQuoted = false;
                    break;
                case ',' when !isQuoted:
                    fields.Add(field.ToString());
                    field.Clear();
                    break;
                default:
                    field.Append(line[i]);
                    break;
            }
        }

        return isQuoted
            ? throw new PigeonException("PG0368", "a quotation mark is not closed", Place(path, number))
            : [.. fields, field.ToString()];
    }

    private static string Place(string path, int line) => FormattableString.Invariant($"{path}, line {line}");

    private static string Quoted(string text) =>
        text.AsSpan().ContainsAny(",\"\r\n") ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;
}
