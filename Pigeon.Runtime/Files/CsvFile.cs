using System.Text;
using Pigeon.Kernels;

namespace Pigeon.Runtime;

/// <summary>Writes tables of text as CSV (RFC 4180): UTF-8, a header, fields quoted where they must be.</summary>
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

    private static string Quoted(string text) =>
        text.AsSpan().ContainsAny(",\"\r\n") ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;
}
