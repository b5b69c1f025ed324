using System.Buffers.Text;
using System.Text;
using Pigeon.Kernels;

namespace Pigeon.Datasets;

/// <summary>Reads lines of UTF-8 as bytes, without their line ends (LF or CR LF) and without a leading byte order mark.</summary>
/// <param name="name">What diagnostics call the text.</param>
/// <param name="stream">The text.</param>
/// <param name="owner">What is disposed with the reader.</param>
internal sealed class LineReader(string name, Stream stream, IDisposable owner) : IDisposable
{
    /// <summary>No line of a graph file is longer, in bytes; a longer one is refused before it fills the memory.</summary>
    private const int LongestLine = 1 << 24;

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private byte[] buffer = new byte[1 << 16];
    private int next;
    private int filled;
    private int lineStart;
    private int lineLength;
    private bool ended;

    /// <summary>The number of the current line, from 1.</summary>
    public long Number { get; private set; }

    /// <summary>The current line; valid until the next one is read.</summary>
    public ReadOnlySpan<byte> Line => buffer.AsSpan(lineStart, lineLength);

    /// <summary>File and line, for diagnostics.</summary>
    public string Place => $"{name}:{Number}";

    /// <summary>Goes to the next line; false at the end of the file.</summary>
    public bool Next()
    {
        int scanned = 0;
        while (true)
        {
            int end = buffer.AsSpan(next + scanned, filled - next - scanned).IndexOf((byte)'\n');
            if (end >= 0)
            {
                Take(scanned + end, lineEnd: 1);
                return true;
            }

            scanned = filled - next;
            if (!Fill())
            {
                if (scanned > 0)
                {
                    Take(scanned, lineEnd: 0);
                }

                return scanned > 0;
            }
        }
    }

    /// <summary>Goes to the next line that is not blank; false at the end of the file.</summary>
    public bool NextFilled()
    {
        while (Next())
        {
            if (!Line.Trim((byte)' ').Trim((byte)'\t').IsEmpty)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Decodes a part of the line.</summary>
    public string Text(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return Utf8.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            throw new PigeonException(DiagnosticIds.NotText, "the line is not valid UTF-8", Place, "save the file as UTF-8");
        }
    }

    /// <summary>Reads a field that is a whole number from 0 to <paramref name="largest"/>.</summary>
    public int Id(ReadOnlySpan<byte> field, string what, int largest)
    {
        field = field.Trim((byte)' ');
        return Utf8Parser.TryParse(field, out long id, out int used) && used == field.Length && id >= 0 && id <= largest
            ? (int)id
            : throw new PigeonException(DiagnosticIds.NotAnId,
                $"{what} '{Excerpt(field)}' is not a whole number from 0 to {largest}", Place);
    }

    /// <summary>A field as a diagnostic quotes it: short, and without control characters.</summary>
    public static string Excerpt(ReadOnlySpan<byte> field)
    {
        const int longest = 40;
        string text = Encoding.UTF8.GetString(field[..Math.Min(field.Length, longest)]);
        return string.Concat(text.Select(c => char.IsControl(c) ? '?' : c)) + (field.Length > longest ? "…" : "");
    }

    public void Dispose() => owner.Dispose();

    private void Take(int length, int lineEnd)
    {
        lineStart = next;
        lineLength = length;
        next += length + lineEnd;
        if (Number++ == 0 && Line.StartsWith(Encoding.UTF8.Preamble))
        {
            lineStart += Encoding.UTF8.Preamble.Length;
            lineLength -= Encoding.UTF8.Preamble.Length;
        }

        if (lineLength > 0 && buffer[lineStart + lineLength - 1] == (byte)'\r')
        {
            lineLength--;
        }
    }

    private bool Fill()
    {
        if (ended)
        {
            return false;
        }

        int kept = filled - next;
        if (kept > LongestLine)
        {
            throw new PigeonException(DiagnosticIds.NotText, $"line {Number + 1} is longer than {LongestLine} bytes", name,
                "is this a text file?");
        }

        byte[] target = kept > buffer.Length / 2 ? new byte[buffer.Length * 2] : buffer;
        buffer.AsSpan(next, kept).CopyTo(target);
        buffer = target;
        next = 0;
        filled = kept;
        int count = TextSource.Guard(name, () => stream.Read(buffer, filled, buffer.Length - filled));
        filled += count;
        ended = count == 0;
        return !ended;
    }
}
