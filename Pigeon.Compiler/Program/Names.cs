using Pigeon.Kernels;

namespace Pigeon.Compiler;

/// <summary>The names of programs. They may be any text: <see cref="NameText"/> says how they stand in one.</summary>
internal static class Names
{
    private const int Longest = 1000;

    /// <summary>Returns the name if it is not empty, not endless, and a text that every encoding can hold.</summary>
    /// <exception cref="PigeonException">PG0101: it is none of these.</exception>
    public static string Check(string name, string what) => name.Length is > 0 and <= Longest && !HasLoneSurrogate(name)
        ? name
        : throw new PigeonException("PG0101", name.Length > Longest ? $"a name of {name.Length} characters can't name {what}"
            : $"{NameText.Of(name)} can't name {what}", remedy: "use 1 to 1,000 characters, and no halves of surrogate pairs");

    /// <summary>Returns the name of a space or map that a text gives without quotation marks, if it is no word of the language.</summary>
    /// <exception cref="PigeonException">PG0101: it is one, or no name.</exception>
    public static string CheckUnquoted(string name, string what) => NameText.OfFree(Check(name, what)) == name
        ? name
        : throw new PigeonException("PG0101", $"'{name}' can't name {what}: it is a word of the language", remedy: "put it in quotation marks");

    private static bool HasLoneSurrogate(string name)
    {
        for (int i = 0; i < name.Length; i++)
        {
            if (char.IsSurrogate(name[i]) && (i + 1 == name.Length || !char.IsSurrogatePair(name[i], name[++i])))
            {
                return true;
            }
        }

        return false;
    }
}
