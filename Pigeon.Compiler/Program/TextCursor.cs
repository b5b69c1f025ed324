using System.Globalization;
using System.Text;
using Pigeon.Kernels;

namespace Pigeon.Compiler;

/// <summary>
/// A place in a text, which moves from token to token. White space and comments, from <c>#</c> to the line's end, separate.
/// </summary>
internal sealed class TextCursor(string text, string file)
{
    private int position;

    /// <summary>Whether a number begins here: a digit, or a minus sign right before one.</summary>
    public bool AtNumber => IsDigit(Here()) || (At('-') && IsDigit(position + 1));

    public bool AtEnd => Here() == text.Length;

    /// <summary>The position of the next token.</summary>
    public int Here()
    {
        Skip();
        return position;
    }

    public bool At(char symbol) => Here() < text.Length && text[position] == symbol;

    /// <summary>Reads a whole number.</summary>
    public int Integer()
    {
        Skip();
        int start = position;
        while (position < text.Length && char.IsAsciiDigit(text[position]))
        {
            position++;
        }

        return int.TryParse(text.AsSpan(start, position - start), NumberStyles.None, CultureInfo.InvariantCulture, out int value)
            ? value
            : throw ErrorAt(start, "a whole number below 2^31 stands here");
    }

    /// <summary>Reads a finite number.</summary>
    public double Number()
    {
        Skip();
        int start = position;
        while (position < text.Length && (char.IsAsciiDigit(text[position]) || text[position] is '.' or 'e' or 'E' ||
            (text[position] is '-' or '+' && (position == start || text[position - 1] is 'e' or 'E'))))
        {
            position++;
        }

        return double.TryParse(text.AsSpan(start, position - start), NumberStyles.Float, CultureInfo.InvariantCulture, out double value) &&
            double.IsFinite(value)
            ? value
            : throw ErrorAt(start, "a finite number stands here");
    }

    /// <summary>Reads a name as <see cref="NameText"/> writes it.</summary>
    /// <param name="isQuoted">Whether it stands in quotation marks: then it is no word of the language.</param>
    public string Name(out bool isQuoted)
    {
        isQuoted = At('"');
        return isQuoted ? Quotation() : Identifier();
    }

    /// <summary>Reads a name, or a word of the language.</summary>
    public string Identifier()
    {
        Skip();
        int start = position;
        if (position < text.Length && NameText.IsStart(text[position]))
        {
            // A dash belongs to a name unless it begins an arrow.
            while (position < text.Length && NameText.IsPart(text[position]) && !text.AsSpan(position).StartsWith("->"))
            {
                position++;
            }
        }

        return position > start ? text[start..position] : throw Error("a name stands here");
    }

    public void Keyword(string word)
    {
        if (!TryKeyword(word))
        {
            throw Error($"'{word}' stands here");
        }
    }

    public bool TryKeyword(string word)
    {
        Skip();
        int end = position + word.Length;
        bool found = text.AsSpan(position).StartsWith(word) && (end == text.Length || !NameText.IsPart(text[end]));
        position = found ? end : position;
        return found;
    }

    public void Symbol(string symbol)
    {
        if (!TrySymbol(symbol))
        {
            throw Error($"'{symbol}' stands here");
        }
    }

    public bool TrySymbol(string symbol)
    {
        Skip();
        bool found = text.AsSpan(position).StartsWith(symbol);
        position += found ? symbol.Length : 0;
        return found;
    }

    /// <summary>Adds line and column to what the verifier finds.</summary>
    public T Checked<T>(int start, Func<T> check)
    {
        try
        {
            return check();
        }
        catch (PigeonException error)
        {
            string place = error.Diagnostic.Place is { } below ? $"{PlaceOf(start)}: {below}" : PlaceOf(start);
            throw new PigeonException(error.Diagnostic with { Place = place }, error);
        }
    }

    /// <summary>The exception for what stands at the next token.</summary>
    public PigeonException Error(string message) => ErrorAt(Here(), message);

    /// <summary>The exception for what stands at a position.</summary>
    public PigeonException ErrorAt(int at, string message)
    {
        string found = at < text.Length ? text[at..Math.Min(at + 20, text.Length)].Split('\n')[0].Trim() : "the end";
        return new("PG0110", $"{message}; found '{found}'", PlaceOf(at));
    }

    /// <summary>The file, line and column of a position.</summary>
    public string PlaceOf(int at)
    {
        int line = 1 + text.AsSpan(0, at).Count('\n');
        int column = at - (at == 0 ? -1 : text.LastIndexOf('\n', at - 1));
        return string.Create(CultureInfo.InvariantCulture, $"{file}:{line}:{column}");
    }

    private string Quotation()
    {
        int start = position++;
        var name = new StringBuilder();
        while (position < text.Length && text[position] is >= ' ' and <= '~' and not '"')
        {
            char c = text[position++];
            name.Append(c == '\\' ? Escape(start) : c);
        }

        if (position == text.Length || text[position++] != '"')
        {
            throw ErrorAt(start, "a name in quotation marks ends on its line, with all but printable ASCII written as \\u and 4 digits");
        }

        return name.ToString();
    }

    private char Escape(int start)
    {
        const int digits = 4;
        char kind = position < text.Length ? text[position++] : ' ';
        if (kind is '"' or '\\')
        {
            return kind;
        }

        if (kind == 'u' && position + digits <= text.Length && ushort.TryParse(text.AsSpan(position, digits), NumberStyles.AllowHexSpecifier,
            CultureInfo.InvariantCulture, out ushort code))
        {
            position += digits;
            return (char)code;
        }

        throw ErrorAt(start, "in a name a backslash begins \\\", \\\\ or \\u and 4 digits");
    }

    private void Skip()
    {
        while (position < text.Length && (char.IsWhiteSpace(text[position]) || text[position] == '#'))
        {
            if (text[position] == '#')
            {
                int end = text.IndexOf('\n', position);
                position = end < 0 ? text.Length : end;
            }
            else
            {
                position++;
            }
        }
    }

    private bool IsDigit(int at) => at < text.Length && char.IsAsciiDigit(text[at]);
}
