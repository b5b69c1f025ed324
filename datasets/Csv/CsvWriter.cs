using System.Buffers.Text;
using System.Text;

namespace Pigeon.Datasets;

/// <summary>Writes rows of whole numbers to a stream, through one buffer.</summary>
internal sealed class CsvWriter(Stream stream)
{
    private const int LongestNumber = 11;
    private readonly byte[] buffer = new byte[1 << 16];
    private int filled;

    public void WriteHeader(string header) => stream.Write(Encoding.UTF8.GetBytes(header + "\n"));

    public void WriteRow(ReadOnlySpan<int> row)
    {
        if (buffer.Length - filled < row.Length * (LongestNumber + 1))
        {
            Flush();
        }

        foreach (int number in row)
        {
            Utf8Formatter.TryFormat(number, buffer.AsSpan(filled), out int written);
            filled += written;
            buffer[filled++] = (byte)',';
        }

        buffer[filled - 1] = (byte)'\n';
    }

    public void Flush()
    {
        stream.Write(buffer, 0, filled);
        filled = 0;
    }
}
