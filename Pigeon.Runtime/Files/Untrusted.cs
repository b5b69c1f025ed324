namespace Pigeon.Runtime;

/// <summary>Text from files that nobody trusts, made fit for messages.</summary>
public static class Untrusted
{
    /// <summary>The text in quotes, cut at 60 characters, with a <c>?</c> for whatever could move a terminal's cursor.</summary>
    public static string Quote(string text)
    {
        const int longest = 60;
        char[] shown = text.Length > longest ? [.. text[..longest], '…'] : text.ToCharArray();
        return $"'{string.Concat(shown.Select(c => char.IsControl(c) || char.IsSurrogate(c) ? '?' : c))}'";
    }
}
