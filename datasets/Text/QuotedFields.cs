using Pigeon.Kernels;

namespace Pigeon.Datasets;

/// <summary>
/// Cuts lines of CSV whose fields may be quoted (RFC 4180): commas inside quotes don't cut, two quotes stand for one. A field that goes on
/// in the next line is refused.
/// </summary>
internal sealed class QuotedFields
{
    private readonly LineReader lines;
    private readonly string[] header;
    private readonly List<Range> fields = [];

    /// <summary>Reads the header, the text's first line.</summary>
    public QuotedFields(LineReader lines)
    {
        this.lines = lines;
        if (lines.NextFilled())
        {
            Cut();
        }

        header = [.. fields.Select(field => lines.Text(Bytes(field)).Trim())];
    }

    /// <summary>Whether the header names a column.</summary>
    public bool Has(string column) => header.Contains(column, StringComparer.Ordinal);

    /// <summary>The position of a column.</summary>
    /// <exception cref="PigeonException">PG0310: there is none, or two.</exception>
    public int Find(string column) => header.Count(name => name == column) == 1
        ? Array.IndexOf(header, column)
        : throw new PigeonException(DiagnosticIds.MissingColumn, $"the header has not exactly one column '{column}'", lines.Place,
            "the first line names the columns");

    /// <summary>Goes to the next line that is not blank; false at the end.</summary>
    /// <exception cref="PigeonException">PG0306: it has not as many fields as the header.</exception>
    public bool Next()
    {
        if (!lines.NextFilled())
        {
            return false;
        }

        Cut();
        Fields.Require(header.Length, fields.Count, "as many fields as the header has", lines);
        return true;
    }

    /// <summary>A field of the line, without its quotes.</summary>
    public ReadOnlySpan<byte> this[int column]
    {
        get
        {
            ReadOnlySpan<byte> field = Bytes(fields[column]);
            return field.Contains((byte)'"') ? Unquoted(field) : field;
        }
    }

    private static byte[] Unquoted(ReadOnlySpan<byte> field)
    {
        var bytes = new List<byte>(field.Length);
        for (int i = 0; i < field.Length; i++)
        {
            if (field[i] == (byte)'"' && i + 1 < field.Length && field[i + 1] == (byte)'"')
            {
                i++;
            }

            bytes.Add(field[i]);
        }

        return [.. bytes];
    }

    private ReadOnlySpan<byte> Bytes(Range field) => lines.Line[field];

    private void Cut()
    {
        fields.Clear();
        ReadOnlySpan<byte> line = lines.Line;
        int start = 0;
        while (true)
        {
            bool quoted = start < line.Length && line[start] == (byte)'"';
            int end = quoted ? ClosingQuote(line, start + 1) : start + Length(line[start..]);
            fields.Add(quoted ? (start + 1)..end : start..end);
            int after = quoted ? end + 1 : end;
            if (after == line.Length)
            {
                return;
            }

            if (line[after] != (byte)',')
            {
                throw new PigeonException(DiagnosticIds.RaggedRow, $"something stands behind the quoted field {fields.Count}", lines.Place,
                    "write a quote inside a field twice");
            }

            start = after + 1;
        }
    }

    private int ClosingQuote(ReadOnlySpan<byte> line, int from)
    {
        for (int i = from; i < line.Length; i++)
        {
            if (line[i] != (byte)'"')
            {
                continue;
            }

            if (i + 1 == line.Length || line[i + 1] != (byte)'"')
            {
                return i;
            }

            i++;
        }

        throw new PigeonException(DiagnosticIds.RaggedRow, $"the quoted field {fields.Count + 1} does not end in its line", lines.Place,
            "keep each record on one line");
    }

    private static int Length(ReadOnlySpan<byte> rest)
    {
        int length = rest.IndexOf((byte)',');
        return length < 0 ? rest.Length : length;
    }
}
