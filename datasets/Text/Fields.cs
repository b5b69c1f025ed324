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
