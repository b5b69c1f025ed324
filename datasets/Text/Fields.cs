using Pigeon.Kernels;

namespace Pigeon.Datasets;

/// <summary>Cuts lines into fields. The cutters return how many fields there are, which may be one more than asked for.</summary>
internal static class Fields
{
    /// <summary>Cuts at every separator.</summary>
    public static int Split(ReadOnlySpan<byte> line, byte separator, Span<Range> fields)
    {
        int count = 0;
        int start = 0;
        while (count < fields.Length)
        {
            int length = line[start..].IndexOf(separator);
            int end = length < 0 ? line.Length : start + length;
            fields[count++] = start..end;
            if (length < 0)
            {
                return count;
            }

            start = end + 1;
        }

        return count + 1;
    }

    /// <summary>Cuts at runs of spaces and tabs.</summary>
    public static int SplitAtSpace(ReadOnlySpan<byte> line, Span<Range> fields)
    {
        int count = 0;
        int at = 0;
        while (true)
        {
            while (at < line.Length && line[at] is (byte)' ' or (byte)'\t')
            {
                at++;
            }

            if (at == line.Length || count == fields.Length)
            {
                return at == line.Length ? count : count + 1;
            }

            int start = at;
            while (at < line.Length && line[at] is not ((byte)' ' or (byte)'\t'))
            {
                at++;
            }

            fields[count++] = start..at;
        }
    }

    /// <summary>Cuts at every separator outside double quotes, which are taken off; two in a row inside stand for one (RFC 4180).</summary>
    /// <returns>The fields; null where a quote is not closed.</returns>
    public static string[]? SplitQuoted(string line, char separator)
    {
        const char quote = '"';
        var fields = new List<string>();
        var field = new System.Text.StringBuilder();
        bool isQuoted = false;
        for (int i = 0; i < line.Length; i++)
        {
            if (isQuoted && line[i] == quote && i + 1 < line.Length && line[i + 1] == quote)
            {
                field.Append(line[++i]);
            }
            else if (line[i] == quote && (isQuoted || field.Length == 0))
            {
                isQuoted = !isQuoted;
            }
            else if (line[i] == separator && !isQuoted)
            {
                fields.Add(field.ToString());
                field.Clear();
            }
            else
            {
                field.Append(line[i]);
            }
        }

        return isQuoted ? null : [.. fields, field.ToString()];
    }

    /// <summary>Refuses a line that has not the fields it should have.</summary>
    /// <exception cref="PigeonException">PG0306.</exception>
    public static void Require(int expected, int found, string names, LineReader lines)
    {
        if (found != expected)
        {
            throw new PigeonException(DiagnosticIds.RaggedRow,
                $"'{LineReader.Excerpt(lines.Line)}' has {(found > expected ? "more" : "fewer")} fields than {expected}", lines.Place,
                $"a line is: {names}");
        }
    }
}
