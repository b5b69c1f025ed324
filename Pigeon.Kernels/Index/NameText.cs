using System.Globalization;
using System.Text;

namespace Pigeon.Kernels;

/// <summary>
/// How a name stands in a text. A name is any text; a letter or underscore followed by letters, digits, underscores, dots and dashes, all
/// ASCII, stands as it is, and all else in quotation marks, in which a backslash begins <c>\"</c>, <c>\\</c> or <c>\u202e</c>. So a text is
/// printable ASCII whatever a name is, and different names stay different.
/// </summary>
public static class NameText
{
    /// <summary>The words of the text form that stand where the name of a space or map may stand.</summary>
    private static readonly string[] Words = ["one", "range", "distinct", "either", "firsts", "seconds", "byfirst", "bysecond", "product", "sorted", "id", "unit", "compose", "pair",
        "first", "second", "index", "into", "via", "transposed", "blocks"];

    /// <summary>The text of the name of a value, an output or a program.</summary>
    public static string Of(string name) => IsPlain(name) ? name : Quoted(name);

    /// <summary>The text of the name of a space or map, where words of the language may stand too.</summary>
    public static string OfFree(string name) => IsPlain(name) && Array.IndexOf(Words, name) < 0 ? name : Quoted(name);

    /// <summary>Whether a name that stands as it is may begin with a character.</summary>
    public static bool IsStart(char c) => char.IsAsciiLetter(c) || c == '_';

    /// <summary>Whether a name that stands as it is may go on with a character.</summary>
    public static bool IsPart(char c) => char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '-';

    /// <summary>A text in quotation marks, in printable ASCII; C# and C++ read it as the same text.</summary>
    public static string Quoted(string name)
    {
        var text = new StringBuilder("\"");
        foreach (char c in name)
        {
            _ = c is '"' or '\\' ? text.Append('\\').Append(c)
                : c is >= ' ' and <= '~' ? text.Append(c)
                : text.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
        }

        return text.Append('"').ToString();
    }

    private static bool IsPlain(string name) => name.Length > 0 && IsStart(name[0]) && name.All(IsPart);
}
