using System.Globalization;

namespace Pigeon.Datasets;

/// <summary>Names for things that have numbers only: "0", "1", …</summary>
internal static class NumberNames
{
    public static string[] Of(int count) => [.. Enumerable.Range(0, count).Select(i => i.ToString(CultureInfo.InvariantCulture))];
}
