using System.Globalization;
using System.Text;
using Pigeon.Kernels;

namespace Pigeon.Datasets;

/// <summary>Walks over the terms of one line of N-Triples.</summary>
internal ref struct NTriplesCursor
{
    private readonly LineReader lines;
    private readonly ReadOnlySpan<byte> line;
    private int at;

    public NTriplesCursor(LineReader lines)
    {
        this.lines = lines;
        line = lines.Line;
        SkipSpace();
    }

    /// <summary>Whether only a comment, or nothing, is left.</summary>
    public readonly bool AtEnd => at == line.Length || line[at] == (byte)'#';

    /// <summary>Reads a term and the space after it.</summary>
    public RdfTerm Term()
    {
        RdfTerm term = Peek() switch
        {
            (byte)'<' => new(RdfTermKind.Iri, Iri()),
            (byte)'_' => new(RdfTermKind.Blank, BlankLabel()),
            (byte)'"' => Literal(),
            _ => throw Error("expected <, _: or \""),
        };
        SkipSpace();
        return term;
    }

    /// <summary>Reads the full stop, and checks that nothing but a comment follows.</summary>
    public void Stop()
    {
        if (Peek() != (byte)'.')
        {
            throw Error("expected a full stop after three terms");
        }

        at++;
        SkipSpace();
        if (!AtEnd)
        {
            throw Error("expected nothing after the full stop");
        }
    }

    private string Iri()
    {
        int length = line[(at + 1)..].IndexOf((byte)'>');
        if (length < 0)
        {
            throw Error("expected > at the end of an IRI");
        }

        var iri = line.Slice(at + 1, length);
        if (iri.IsEmpty || iri.IndexOfAnyInRange((byte)0, (byte)' ') >= 0 || iri.IndexOfAny((byte)'<', (byte)'"') >= 0)
        {
            throw Error("an IRI is not empty and holds no space, < or \"");
        }

        at += length + 2;
        return Unescape(iri, onlyCodePoints: true);
    }

    private string BlankLabel()
    {
        int length = line[at..].IndexOfAny((byte)' ', (byte)'\t', (byte)'<');
        length = length < 0 ? line.Length - at : length;
        var label = line.Slice(at, length);
        label = label is [.., (byte)'.'] ? label[..^1] : label;
        if (label is not [(byte)'_', (byte)':', _, ..])
        {
            throw Error("expected a label after _:");
        }

        at += label.Length;
        return lines.Text(label[2..]);
    }

    private RdfTerm Literal()
    {
        int end = at + 1;
        while (end < line.Length && line[end] != (byte)'"')
        {
            end += line[end] == (byte)'\\' ? 2 : 1;
        }

        if (end >= line.Length)
        {
            throw Error("expected \" at the end of a literal");
        }

        string text = Unescape(line[(at + 1)..end], onlyCodePoints: false);
        at = end + 1;
        if (line[at..].StartsWith("^^<"u8))
        {
            at += 2;
            return new(RdfTermKind.Literal, text, Datatype: Iri());
        }

        return Peek() == (byte)'@' ? new(RdfTermKind.Literal, text, Language: LanguageTag()) : new(RdfTermKind.Literal, text);
    }

    private string LanguageTag()
    {
        int start = ++at;
        while (at < line.Length && (char.IsAsciiLetterOrDigit((char)line[at]) || line[at] == (byte)'-'))
        {
            at++;
        }

        return at > start ? lines.Text(line[start..at]).ToLowerInvariant() : throw Error("expected a language tag after @");
    }

    private readonly string Unescape(ReadOnlySpan<byte> escaped, bool onlyCodePoints)
    {
        string text = lines.Text(escaped);
        if (!text.Contains('\\'))
        {
            return text;
        }

        var plain = new StringBuilder(text.Length);
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] != '\\')
            {
                plain.Append(text[i]);
                continue;
            }

            char escape = ++i < text.Length ? text[i] : '\0';
            int digits = escape switch { 'u' => 4, 'U' => 8, _ => 0 };
            if (digits > 0)
            {
                plain.Append(CodePoint(text, i + 1, digits));
                i += digits;
            }
            else
            {
                int which = onlyCodePoints ? -1 : "tbnrf\"'\\".IndexOf(escape);
                plain.Append(which >= 0 ? "\t\b\n\r\f\"'\\"[which] : throw Error($"\\{escape} is no escape here"));
            }
        }

        return plain.ToString();
    }

    private readonly string CodePoint(string text, int start, int digits)
    {
        if (start + digits > text.Length ||
            !uint.TryParse(text.AsSpan(start, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out uint code) ||
            !Rune.IsValid(code))
        {
            throw Error($"expected {digits} hexadecimal digits of a Unicode character");
        }

        return new Rune(code).ToString();
    }

    private readonly byte Peek() => at < line.Length ? line[at] : (byte)0;

    private void SkipSpace()
    {
        while (at < line.Length && line[at] is (byte)' ' or (byte)'\t')
        {
            at++;
        }
    }

    private readonly PigeonException Error(string what) =>
        new(DiagnosticIds.MalformedTriple, $"column {at + 1}: {what}", lines.Place, "a line is: subject predicate object .");
}
