using Pigeon.Kernels;

namespace Pigeon.Compiler;

/// <summary>The names a program may contain: they reach generated code and file names, so they are checked first.</summary>
internal static class Names
{
    /// <summary>The words of the text form that stand where the name of a space or map may stand.</summary>
    private static readonly string[] Reserved = ["one", "distinct", "product", "id", "unit", "compose", "pair", "first", "second", "index",
        "transposed", "blocks"];

    /// <summary>Returns the name if it is a letter or underscore followed by letters, digits, underscores, dots and dashes.</summary>
    public static string Check(string name, string what) =>
        name.Length is > 0 and <= 200 && IsStart(name[0]) && name.All(IsPart)
            ? name
            : throw new PigeonException("PG0101", $"'{name}' can't name a {what}",
                remedy: "use letters, digits, '_', '.' and '-', beginning with a letter");

    /// <summary>Returns the name of a space or map if it is a name and no word of the text form.</summary>
    public static string CheckFree(string name, string what) => Array.IndexOf(Reserved, Check(name, what)) < 0
        ? name
        : throw new PigeonException("PG0101", $"'{name}' can't name a {what}: it is a word of the language");

    public static bool IsStart(char c) => char.IsAsciiLetter(c) || c == '_';

    public static bool IsPart(char c) => char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '-';
}
