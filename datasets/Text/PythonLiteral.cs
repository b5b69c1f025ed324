using Pigeon.Kernels;

namespace Pigeon.Datasets;

/// <summary>
/// Reads the few forms of Python literals that published graphs are written in: a pair of numbers, a list of such pairs, a list of
/// strings. Nothing is evaluated.
/// </summary>
/// <param name="text">The literal.</param>
/// <param name="lines">Where it stands, for diagnostics.</param>
internal ref struct PythonLiteral(ReadOnlySpan<byte> text, LineReader lines)
{
    private readonly ReadOnlySpan<byte> text = text;
    private readonly LineReader lines = lines;
    private int at;

    /// <summary><c>(0, 1)</c>.</summary>
    public static (int First, int Second) Pair(ReadOnlySpan<byte> text, LineReader lines, int largest)
    {
        var literal = new PythonLiteral(text, lines);
        (int, int) pair = literal.Pair(largest);
        literal.End();
        return pair;
    }

    /// <summary><c>[(0, 1), (1, 2)]</c>.</summary>
    public static List<(int First, int Second)> Pairs(ReadOnlySpan<byte> text, LineReader lines, int largest)
    {
        var literal = new PythonLiteral(text, lines);
        var pairs = new List<(int, int)>();
        literal.Expect((byte)'[');
        while (literal.Another(pairs.Count))
        {
            pairs.Add(literal.Pair(largest));
        }

        literal.End();
        return pairs;
    }

    /// <summary><c>['a', "b"]</c>; a string has no escapes.</summary>
    public static List<string> Strings(ReadOnlySpan<byte> text, LineReader lines)
    {
        var literal = new PythonLiteral(text, lines);
        var strings = new List<string>();
        literal.Expect((byte)'[');
        while (literal.Another(strings.Count))
        {
            strings.Add(literal.String());
        }

        literal.End();
        return strings;
    }

    private (int First, int Second) Pair(int largest)
    {
        Expect((byte)'(');
        int first = Number(largest);
        Expect((byte)',');
        int second = Number(largest);
        Expect((byte)')');
        return (first, second);
    }

    private int Number(int largest)
    {
        SkipSpace();
        int start = at;
        while (at < text.Length && char.IsAsciiDigit((char)text[at]))
        {
            at++;
        }

        return start == at ? throw Malformed("a number") : lines.Id(text[start..at], "node", largest);
    }

    private string String()
    {
        SkipSpace();
        byte quote = at < text.Length && text[at] is (byte)'\'' or (byte)'"' ? text[at++] : throw Malformed("a quoted string");
        int length = text[at..].IndexOf(quote);
        if (length < 0 || text.Slice(at, length).Contains((byte)'\\'))
        {
            throw Malformed("a closing quote, without escapes before it");
        }

        string value = lines.Text(text.Slice(at, length));
        at += length + 1;
        return value;
    }

    /// <summary>Whether a list goes on; if not, it is closed.</summary>
    private bool Another(int count)
    {
        SkipSpace();
        if (at < text.Length && text[at] == (byte)']')
        {
            at++;
            return false;
        }

        if (count > 0)
        {
            Expect((byte)',');
        }

        return true;
    }

    private void Expect(byte symbol)
    {
        SkipSpace();
        if (at == text.Length || text[at] != symbol)
        {
            throw Malformed($"'{(char)symbol}'");
        }

        at++;
    }

    private void End()
    {
        SkipSpace();
        if (at < text.Length)
        {
            throw Malformed("the end");
        }
    }

    private void SkipSpace()
    {
        while (at < text.Length && text[at] == (byte)' ')
        {
            at++;
        }
    }

    private readonly PigeonException Malformed(string expected) => new(DiagnosticIds.MalformedLiteral,
        $"'{LineReader.Excerpt(text)}' has no {expected} at character {at + 1}", lines.Place,
        "edges are written [(0, 1), (1, 2)], relations ['a', 'b'], questions (0, 2)");
}
