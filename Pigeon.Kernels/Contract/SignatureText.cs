using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace Pigeon.Kernels;

/// <summary>
/// The text of a signature, as it stands in a generated class: to read it takes a fraction of the time in which code that builds the same from objects
/// becomes machine code. Each line is a word with what belongs to it. Spaces and maps come once each, before what is made of them, and are
/// then meant by their number.
/// <code>
/// program rgat 80 0                     the name, the floats of scratch, and of what is shared
/// declared Nodes                        a space or a map, of others by their numbers
/// space 0                               a space of the signature
/// array 5 -1                            an index array: the map, and the map that orders it
/// buffer x 3 input 0 1 -1 -1 f32 1 8    space, role, first and last kernel, shared, walk, element, the row's rank and extents
/// kernel k0_gemm 2 -1 0 false false     space, cost, order, once, shares
/// </code>
/// </summary>
public static class SignatureText
{
    private const int None = -1;
    private static readonly string[] Parts = ["either", "firsts", "seconds", "byfirst", "bysecond"];
    private static readonly string[] Roles = ["input", "weight", "constant", "output", "internal", "view"];
    private static readonly string[] Elements = ["f32", "bf16", "f16", "i8"];
    private static readonly string[] Truths = ["false", "true"];

    /// <summary>The lines of a signature.</summary>
    public static ImmutableArray<string> Write(ProgramSignature signature)
    {
        var writer = new Writer();
        writer.Line($"program {NameText.Of(signature.Name)} {signature.ScratchFloats} {signature.SharedFloats}");
        foreach (IndexSpace space in signature.Spaces)
        {
            writer.Line($"space {writer.Of(space)}");
        }

        foreach (IndexSignature index in signature.Indices)
        {
            writer.Line($"array {writer.Of(index.Map)} {(index.OrderedBy is { } order ? writer.Of(order) : None)}");
        }

        foreach (BufferSignature b in signature.Buffers)
        {
            (string name, string row) = (NameText.Of(b.Name), string.Join(' ', b.Row.Prepend(b.Row.Length)));
            (string role, string element) = (Roles[(int)b.Role], Elements[(int)b.Element]);
            writer.Line($"buffer {name} {b.Space} {role} {b.FirstKernel} {b.LastKernel} {b.Shared} {b.Walk} {element} {row}");
        }

        foreach (KernelSignature k in signature.Kernels)
        {
            writer.Line($"kernel {NameText.Of(k.Name)} {k.Space} {k.Cost} {k.Order} {Truths[k.Once ? 1 : 0]} {Truths[k.Shares ? 1 : 0]}");
        }

        return [.. writer.Lines];
    }

    /// <summary>The signature that a text stands for.</summary>
    /// <param name="text">The lines, with white space between them.</param>
    /// <exception cref="FormatException">It stands for none.</exception>
    public static ProgramSignature Read(string text)
    {
        try
        {
            return new Reader(text).Read();
        }
        catch (Exception error) when (error is ArgumentException or InvalidCastException or IndexOutOfRangeException or OverflowException)
        {
            throw new FormatException("the text of a signature is damaged", error);
        }
    }

    private sealed class Writer
    {
        private readonly Dictionary<object, int> numbers = [];

        public List<string> Lines { get; } = [];

        public void Line(FormattableString line) => Lines.Add(line.ToString(CultureInfo.InvariantCulture));

        public int Of(IndexSpace space) => Number(space, space switch
        {
            IndexSpace.OneSpace => (FormattableString)$"one",
            IndexSpace.Range s => $"range {s.Count}",
            IndexSpace.Declared s => $"declared {NameText.Of(s.Name)}",
            IndexSpace.Distinct s => $"distinct {Of(s.First)} {Of(s.Second)}",
            IndexSpace.Either s => $"{Parts[(int)s.Part]} {Of(s.Type)} {Of(s.First)} {Of(s.Second)}",
            IndexSpace.Product s => $"product {Of(s.First)} {Of(s.Second)}",
            IndexSpace.Sorted s => $"sorted {Of(s.By)}",
            _ => throw new InvalidOperationException($"no text for space {space}"),
        });

        public int Of(Map map) => Number(map, map switch
        {
            Map.Stored m => $"stored {NameText.Of(m.Name)} {Of(m.From)} {Of(m.To)}",
            Map.Identity m => $"identity {Of(m.Space)}",
            Map.Unit m => $"unit {Of(m.Space)}",
            Map.Composed m => $"composed {Of(m.Outer)} {Of(m.Inner)}",
            Map.Pair m => $"pair {Of(m.First)} {Of(m.Second)}",
            Map.Component m => $"component {Of(m.Pairs)} {m.Position}",
            Map.Into m => $"into {Of(m.Ways)}",
            Map.Via m => $"via {Of(m.Ways)} {Of(m.Whole)}",
            Map.Index m => (FormattableString)$"index {Of(m.First)} {Of(m.Second)}",
            _ => throw new InvalidOperationException($"no text for map {map}"),
        });

        private int Number(object term, FormattableString line)
        {
            if (!numbers.TryGetValue(term, out int number))
            {
                numbers[term] = number = numbers.Count;
                Line(line);
            }

            return number;
        }
    }

    private sealed class Reader(string text)
    {
        private readonly List<object> terms = [];
        private readonly StringBuilder quoted = new();
        private int position;

        public ProgramSignature Read()
        {
            if (Word() != "program")
            {
                throw new FormatException("a signature begins with its program");
            }

            (string name, int scratch, int shared) = (Word(), Number(), Number());
            var spaces = ImmutableArray.CreateBuilder<IndexSpace>();
            var indices = ImmutableArray.CreateBuilder<IndexSignature>();
            var buffers = ImmutableArray.CreateBuilder<BufferSignature>();
            var kernels = ImmutableArray.CreateBuilder<KernelSignature>();
            while (HasMore())
            {
                switch (Word())
                {
                    case "space":
                        spaces.Add(Space());
                        break;
                    case "array":
                        indices.Add(new(Map(), Number() is var order && order == None ? null : (Map)terms[order]));
                        break;
                    case "buffer":
                        buffers.Add(Buffer());
                        break;
                    case "kernel":
                        kernels.Add(new(Word(), Number(), Number(), Number(), One(Truths) == 1, One(Truths) == 1));
                        break;
                    case var word:
                        terms.Add(Term(word));
                        break;
                }
            }

            return new(name, spaces.ToImmutable(), indices.ToImmutable(), buffers.ToImmutable(), kernels.ToImmutable(), scratch, shared);
        }

        private BufferSignature Buffer()
        {
            (string name, int space, int role, int first, int last) = (Word(), Number(), One(Roles), Number(), Number());
            (int shared, int walk, int element) = (Number(), Number(), One(Elements));
            int[] row = new int[Number()];
            for (int axis = 0; axis < row.Length; axis++)
            {
                row[axis] = Number();
            }

            return new(name, space, [.. row], (BufferRole)role, first, last, shared, walk, (ElementType)element);
        }

        private object Term(string word) => word switch
        {
            "one" => IndexSpace.One,
            "range" => new IndexSpace.Range(Number()),
            "declared" => new IndexSpace.Declared(Word()),
            "distinct" => new IndexSpace.Distinct(Map(), Map()),
            "product" => new IndexSpace.Product(Space(), Space()),
            "sorted" => new IndexSpace.Sorted((Map.Stored)Map()),
            "stored" => new Map.Stored(Word(), Space(), Space()),
            "identity" => new Map.Identity(Space()),
            "unit" => new Map.Unit(Space()),
            "composed" => new Map.Composed(Map(), Map()),
            "pair" => new Map.Pair(Map(), Map()),
            "component" => new Map.Component((IndexSpace.Distinct)Space(), Number()),
            "into" => new Map.Into((IndexSpace.Either)Space()),
            "via" => new Map.Via((IndexSpace.Either)Space(), Map()),
            "index" => new Map.Index(Map(), Map()),
            _ => new IndexSpace.Either(Map(), Map(), Map(), (EitherPart)Index(Parts, word)),
        };

        private IndexSpace Space() => (IndexSpace)terms[Number()];

        private Map Map() => (Map)terms[Number()];

        private int One(string[] words) => Index(words, Word());

        private static int Index(string[] words, string word) =>
            Array.IndexOf(words, word) is >= 0 and var index ? index : throw new FormatException($"'{word}' is no word of a signature");

        private int Number()
        {
            int start = Start();
            while (position < text.Length && text[position] != ' ')
            {
                position++;
            }

            return int.Parse(text.AsSpan(start, position - start), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        }

        /// <summary>A name as <see cref="NameText"/> writes it, or a word.</summary>
        private string Word()
        {
            int start = Start();
            if (text[start] != '"')
            {
                while (position < text.Length && text[position] != ' ')
                {
                    position++;
                }

                return text[start..position];
            }

            quoted.Clear();
            for (position++; text[position] != '"'; position++)
            {
                char c = text[position];
                if (c == '\\' && text[++position] is var escaped)
                {
                    const int digits = 4;
                    c = escaped == 'u'
                        ? (char)int.Parse(text.AsSpan(position + 1, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture)
                        : escaped;
                    position += escaped == 'u' ? digits : 0;
                }

                quoted.Append(c);
            }

            position++;
            return quoted.ToString();
        }

        private int Start() => HasMore() ? position : throw new FormatException("the text of a signature ends too early");

        private bool HasMore()
        {
            while (position < text.Length && text[position] == ' ')
            {
                position++;
            }

            return position < text.Length;
        }
    }
}
