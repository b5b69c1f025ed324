using System.Globalization;
using Pigeon.Kernels;

namespace Pigeon.Simulator;

/// <summary>What a token is.</summary>
internal enum PtxTokenKind
{
    /// <summary>A name, an opcode or a directive, with its dots.</summary>
    Word,

    /// <summary>An integer.</summary>
    Integer,

    /// <summary><c>0f</c> and the bits of a binary32.</summary>
    Single,

    /// <summary><c>0d</c> and the bits of a binary64, or a decimal fraction.</summary>
    Double,

    /// <summary>A string; its text is without the quotes.</summary>
    String,

    /// <summary>One character.</summary>
    Punctuation,

    /// <summary>The end of the text.</summary>
    End,
}

/// <summary>One token.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Text">Its text.</param>
/// <param name="Bits">The value of a number.</param>
/// <param name="Line">The line of the PTX, from 1.</param>
internal readonly record struct PtxToken(PtxTokenKind Kind, string Text, ulong Bits, int Line)
{
    /// <summary>Whether it is this character or word.</summary>
    public bool Is(string text) => Kind is PtxTokenKind.Punctuation or PtxTokenKind.Word && Text == text;
}

/// <summary>Cuts PTX into tokens.</summary>
internal sealed class PtxLexer(string text, string file)
{
    private int at;
    private int line = 1;

    /// <summary>All tokens, the last of kind End.</summary>
    /// <exception cref="PigeonException">PG0650: a character or number that PTX does not have.</exception>
    public static List<PtxToken> Run(string text, string file)
    {
        var lexer = new PtxLexer(text, file);
        var tokens = new List<PtxToken>(text.Length / 4);
        PtxToken token;
        do
        {
            token = lexer.Next();
            tokens.Add(token);
        }
        while (token.Kind != PtxTokenKind.End);
        return tokens;
    }

    private static bool StartsWord(char c) => char.IsAsciiLetter(c) || c is '_' or '$' or '%' or '.';

    private static bool InWord(char c) => StartsWord(c) || char.IsAsciiDigit(c);

    private char Peek(int ahead = 0) => at + ahead < text.Length ? text[at + ahead] : '\0';

    private PtxToken Next()
    {
        SkipSpace();
        if (at >= text.Length)
        {
            return new(PtxTokenKind.End, "end of file", 0, line);
        }
        int start = at;
        char c = text[at];
        if (StartsWord(c))
        {
            do
            {
                at++;
                // Qualifiers such as L2::128B are one word.
                at += Peek() == ':' && Peek(1) == ':' ? 2 : 0;
            }
            while (InWord(Peek()));
            return new(PtxTokenKind.Word, text[start..at], 0, line);
        }
        if (char.IsAsciiDigit(c) || (c == '-' && char.IsAsciiDigit(Peek(1))))
        {
            return Number();
        }
        at++;
        if (c == '"')
        {
            while (at < text.Length && text[at] is not ('"' or '\n'))
            {
                at++;
            }
            return Peek() == '"' ? new(PtxTokenKind.String, text[(start + 1)..at++], 0, line) : throw Error("a string without an end");
        }
        return "{}[]()<>,;:|@!+-=".Contains(c)
            ? new(PtxTokenKind.Punctuation, c.ToString(), 0, line)
            : throw Error($"the character '{c}' (U+{(int)c:X4})");
    }

    private PtxToken Number()
    {
        int start = at;
        bool negative = Peek() == '-';
        at += negative ? 1 : 0;
        int digits = at;
        do
        {
            at++;
        }
        while (char.IsAsciiLetterOrDigit(Peek()) || (Peek() == '.' && char.IsAsciiDigit(Peek(1))));
        string word = text[start..at];
        ReadOnlySpan<char> body = text.AsSpan(digits, at - digits);
        string prefix = body.Length > 2 && body[0] == '0' ? body[..2].ToString().ToLowerInvariant() : "";
        ulong bits;
        if (prefix is "0f" or "0d" or "0x")
        {
            PtxTokenKind kind = prefix == "0f" ? PtxTokenKind.Single : prefix == "0d" ? PtxTokenKind.Double : PtxTokenKind.Integer;
            ReadOnlySpan<char> hex = body[2..].TrimEnd('U');
            return ulong.TryParse(hex, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out bits)
                ? new(kind, word, negative ? unchecked(0 - bits) : bits, line) : throw Error($"the number {word}");
        }
        if (body.Contains('.'))
        {
            return double.TryParse(word, NumberStyles.Float, CultureInfo.InvariantCulture, out double value)
                ? new(PtxTokenKind.Double, word, BitConverter.DoubleToUInt64Bits(value), line) : throw Error($"the number {word}");
        }
        return ulong.TryParse(body.TrimEnd('U'), NumberStyles.None, CultureInfo.InvariantCulture, out bits)
            ? new(PtxTokenKind.Integer, word, negative ? unchecked(0 - bits) : bits, line) : throw Error($"the number {word}");
    }

    private void SkipSpace()
    {
        while (at < text.Length)
        {
            char c = text[at];
            if (c == '/' && Peek(1) == '/')
            {
                int end = text.IndexOf('\n', at);
                at = end < 0 ? text.Length : end;
            }
            else if (c == '/' && Peek(1) == '*')
            {
                int end = text.IndexOf("*/", at + 2, StringComparison.Ordinal);
                end = end < 0 ? text.Length : end + 2;
                line += text.AsSpan(at, end - at).Count('\n');
                at = end;
            }
            else if (char.IsWhiteSpace(c))
            {
                line += c == '\n' ? 1 : 0;
                at++;
            }
            else
            {
                return;
            }
        }
    }

    private PigeonException Error(string what) =>
        new("PG0650", $"this is not PTX: {what}", $"{file}({line})", "give the text that NVRTC returned");
}
