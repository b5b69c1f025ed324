using System.Globalization;
using Pigeon.Models;

namespace Pigeon.Cli;

/// <summary>Numbers as a person reads them, the same in every culture.</summary>
internal static class Format
{
    /// <summary>A whole number with separators.</summary>
    public static string Count(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>Three digits that count: <c>0.123</c>, <c>1.23</c>, <c>12.3</c>, <c>123</c>.</summary>
    public static string Number(double number) => number.ToString(Math.Abs(number) switch
    {
        < 1 => "F3",
        < 10 => "F2",
        < 100 => "F1",
        _ => "F0",
    }, CultureInfo.InvariantCulture);

    /// <summary>Bytes in MiB.</summary>
    public static string Mebibytes(long bytes) => Number(bytes / (1024.0 * 1024.0));

    /// <summary>A figure: a share in percent with two digits, another number with four; nothing for none.</summary>
    public static string Figure(Metric metric, double? value) => value is not { } given ? ""
        : metric.IsShare ? (100 * given).ToString("F2", CultureInfo.InvariantCulture) + " %"
        : given.ToString("F4", CultureInfo.InvariantCulture);

    /// <summary>A loss with four digits.</summary>
    public static string Loss(double loss) => loss.ToString("F4", CultureInfo.InvariantCulture);

    /// <summary>A fraction with two digits.</summary>
    public static string Ratio(double ratio) => ratio.ToString("F2", CultureInfo.InvariantCulture);
}
