using System.Buffers.Text;
using System.Collections.Immutable;
using System.Globalization;
using Pigeon.Kernels;

namespace Pigeon.Datasets;

/// <summary>
/// Reads one variable from CSV as ETT and Weather are published: a column <c>date</c> with <c>2016-07-01 00:00:00</c>, then a column for
/// each variable. The other variables are not looked at.
/// </summary>
public static class TimeSeriesCsv
{
    private const string DateColumn = "date";
    private const string DateFormat = "yyyy-MM-dd HH:mm:ss";

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file; decompressed if its name ends in <c>.gz</c>.</param>
    /// <param name="variable">The variable's name.</param>
    /// <exception cref="PigeonException">
    /// PG0301: a file is missing. PG0302: damaged gzip. PG0303: not text. PG0306: a row is ragged. PG0310: there is no such column. PG0326: a
    /// date or number can't be read, or time runs backwards.
    /// </exception>
    public static TimeSeries Read(string path, string variable)
    {
        using LineReader lines = TextSource.OfFile(path).Lines();
        var fields = new QuotedFields(lines);
        int date = fields.Find(DateColumn);
        int value = fields.Find(variable);
        var times = ImmutableArray.CreateBuilder<DateTime>();
        var values = ImmutableArray.CreateBuilder<double>();
        while (fields.Next())
        {
            string text = lines.Text(fields[date]);
            if (!DateTime.TryParseExact(text, DateFormat, CultureInfo.InvariantCulture, DateTimeStyles.None, out DateTime time))
            {
                throw Invalid($"'{LineReader.Excerpt(fields[date])}' is no time", $"write it as {DateFormat}");
            }

            if (times.Count > 0 && time < times[^1])
            {
                throw Invalid($"its time {text} is before that of the line above", "sort the lines by time");
            }

            ReadOnlySpan<byte> number = fields[value];
            if (!Utf8Parser.TryParse(number, out double parsed, out int used) || used != number.Length || !double.IsFinite(parsed))
            {
                throw Invalid($"'{LineReader.Excerpt(number)}' is no finite number", "leave no gaps in the series");
            }

            times.Add(time);
            values.Add(parsed);
        }

        string file = Path.GetFileName(path);
        return new($"{file}:{variable}", times.ToImmutable(), values.ToImmutable());

        PigeonException Invalid(string what, string remedy) => new(DiagnosticIds.InvalidStep, what, lines.Place, remedy);
    }
}
