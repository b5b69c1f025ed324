using System.Collections.Immutable;
using System.Globalization;
using Pigeon.Kernels;

namespace Pigeon.Runtime;

/// <summary>The dictionary in the header of an <c>.npy</c> file, well formed but not yet checked.</summary>
/// <param name="Type">The value of <c>descr</c>; a structured type as its text.</param>
/// <param name="FortranOrder">The value of <c>fortran_order</c>.</param>
/// <param name="Shape">The value of <c>shape</c>.</param>
internal readonly record struct NpyHeaderText(string Type, bool FortranOrder, ImmutableArray<long> Shape)
{
    /// <summary>
    /// Parses <c>{'descr': '&lt;f4', 'fortran_order': False, 'shape': (3, 4), }</c>: the keys in any order, each once, then white space.
    /// </summary>
    /// <exception cref="PigeonException">PG0362: the text isn't of this form. PG0363: a structured element type.</exception>
    public static NpyHeaderText Parse(string text, string path) => new Parser(text, path).Dictionary();

    private ref struct Parser(string text, string path)
    {
        private int position;

        public NpyHeaderText Dictionary()
        {
            string? type = null;
            bool? fortranOrder = null;
            ImmutableArray<long>? shape = null;
            Expect('{');
            while (!TryTake('}'))
            {
                string key = String();
                Expect(':');
                switch (key)
                {
                    case "descr" when type is null:
                        type = Type();
                        break;
                    case "fortran_order" when fortranOrder is null:
                        fortranOrder = Boolean();
                        break;
                    case "shape" when shape is null:
                        shape = Tuple();
                        break;
                    default:
                        throw Malformed($"the key {Untrusted.Quote(key)} is unknown or there twice");
                }

                if (!TryTake(','))
                {
                    Expect('}');
                    break;
                }
            }

            Next();
            if (position < text.Length)
            {
                throw Malformed("something follows the dictionary");
            }

            return new(type ?? throw Malformed("'descr' is missing"), fortranOrder ?? throw Malformed("'fortran_order' is missing"),
                shape ?? throw Malformed("'shape' is missing"));
        }

        private string Type() => Next() == '['
            ? throw new PigeonException("PG0363", "its dtype is structured", path, "save one array of plain numbers")
            : String();

        private string String()
        {
            char quote = Next();
            int end = quote is '\'' or '"' ? text.IndexOf(quote, position + 1) : -1;
            if (end < 0)
            {
                throw Malformed("a string was expected");
            }

            string content = text[(position + 1)..end];
            position = end + 1;
            return content;
        }

        private bool Boolean()
        {
            Next();
            foreach ((string word, bool value) in (ReadOnlySpan<(string, bool)>)[("True", true), ("False", false)])
            {
                if (text.AsSpan(position).StartsWith(word, StringComparison.Ordinal))
                {
                    position += word.Length;
                    return value;
                }
            }

            throw Malformed("True or False was expected");
        }

        private ImmutableArray<long> Tuple()
        {
            var dimensions = ImmutableArray.CreateBuilder<long>();
            Expect('(');
            while (!TryTake(')'))
            {
                dimensions.Add(Integer());
                if (!TryTake(','))
                {
                    Expect(')');
                    break;
                }
            }

            return dimensions.ToImmutable();
        }

        private long Integer()
        {
            Next();
            int start = position;
            position += position < text.Length && text[position] == '-' ? 1 : 0;
            while (position < text.Length && char.IsAsciiDigit(text[position]))
            {
                position++;
            }

            ReadOnlySpan<char> digits = text.AsSpan(start, position - start);
            return long.TryParse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long value)
                ? value
                : throw Malformed("an integer below 2^63 was expected");
        }

        private void Expect(char token)
        {
            if (!TryTake(token))
            {
                throw Malformed($"{token} was expected");
            }
        }

        private bool TryTake(char token)
        {
            bool taken = Next() == token && position < text.Length;
            position += taken ? 1 : 0;
            return taken;
        }

        /// <summary>The next character that isn't white space, not taken yet; NUL where there is none.</summary>
        private char Next()
        {
            while (position < text.Length && text[position] is ' ' or '\t' or '\n' or '\r')
            {
                position++;
            }

            return position < text.Length ? text[position] : '\0';
        }

        private readonly PigeonException Malformed(string what) =>
            new("PG0362", $"character {position} of its header: {what}", path, "write it with numpy.save");
    }
}
