using System.Collections.Immutable;
using System.Globalization;
using Pigeon.Kernels;

namespace Pigeon.Compiler;

/// <summary>
/// Reads the text form of programs (the grammar stands at <see cref="Operator"/>). The text may come from anybody: every
/// error is a diagnostic with line and column, and nothing is built that the verifier has not seen.
/// </summary>
public sealed class ProgramParser
{
    private const int MaxDepth = 200;
    private const int MaxMapDepth = 16;
    private const int MaxExpression = 500;
    private readonly string text;
    private readonly string file;
    private readonly Dictionary<string, Map.Stored> maps = new(StringComparer.Ordinal);
    private readonly HashSet<string> arguments = new(StringComparer.Ordinal);
    private int position;
    private int depth;
    private int expressionSize;

    private ProgramParser(string text, string file)
    {
        this.text = text;
        this.file = file;
    }

    /// <summary>Reads one program.</summary>
    /// <param name="text">The program's text.</param>
    /// <param name="file">The name that errors give as their place.</param>
    /// <exception cref="PigeonException">PG0110: not a program's text. PG0101 … PG0109: the program is not well formed.</exception>
    public static Program Parse(string text, string file = "program text") => new ProgramParser(text, file).ParseProgram();

    private Program ParseProgram()
    {
        Keyword("program");
        int start = Here();
        string name = Identifier();
        Checked(start, () => Names.Check(name, "program"));
        while (TryKeyword("map"))
        {
            ParseDeclaration();
        }

        var values = ImmutableArray.CreateBuilder<Operator>();
        var types = new List<RowType>();
        while (Peek() == '%')
        {
            start = position;
            if (Id() != values.Count)
            {
                throw ErrorAt(start, $"values are numbered in order; this one is %{values.Count}");
            }

            Symbol("=");
            start = Here();
            (Func<RowType, Operator> make, RowType type) = Value();
            Operator op = make(type);
            RowType inferred = Checked(start, () => Verifier.Infer(name, op, values.Count, types));
            if (inferred != type)
            {
                throw ErrorAt(start, $"%{values.Count} is declared {type}, but is {inferred}");
            }

            values.Add(op);
            types.Add(type);
        }

        start = Here();
        Keyword("return");
        var outputs = ImmutableArray.CreateBuilder<Output>();
        do
        {
            string output = Identifier();
            Symbol("=");
            outputs.Add(new(output, Id()));
        }
        while (TrySymbol(","));
        Skip();
        if (position < text.Length)
        {
            throw Error("the program ends before this");
        }

        return Checked(start, () => new Program(name, values.ToImmutable(), outputs.ToImmutable()));
    }

    private void ParseDeclaration()
    {
        int start = Here();
        string name = Identifier();
        Checked(start, () => Names.CheckFree(name, "map"));
        Symbol(":");
        IndexSpace from = Space();
        Symbol("->");
        if (!maps.TryAdd(name, new(name, from, Space())))
        {
            throw ErrorAt(start, $"map {name} is declared twice");
        }
    }

    /// <summary>Adds line and column to what the verifier finds.</summary>
    private T Checked<T>(int start, Func<T> check)
    {
        try
        {
            return check();
        }
        catch (PigeonException error)
        {
            throw new PigeonException(error.Diagnostic with { Place = $"{PlaceOf(start)}: {error.Diagnostic.Place}".TrimEnd(':', ' ') }, error);
        }
    }

    private (Func<RowType, Operator> Make, RowType Type) Value()
    {
        Func<RowType, Operator> make = Body();
        Symbol(":");
        return (make, Type());
    }

    private Func<RowType, Operator> Body()
    {
        int begin = Here();
        string word = Identifier();
        switch (word)
        {
            case "input":
                string input = NewName();
                return type => new Operator.Input(input, type);
            case "weight":
                string weight = NewName();
                return type => new Operator.Weight(weight, type);
            case "constant":
                double value = Number();
                return type => new Operator.Constant(value, type);
            case "uniform":
                int stream = Integer();
                int seed = Id();
                return type => new Operator.Uniform(seed, stream, type);
            case "linear":
                bool transposed = TryKeyword("transposed");
                (Map map, int x, int w) = MapAndTwo();
                return _ => new Operator.TypedLinear(x, w, map, transposed);
            case "outer":
                bool blocks = TryKeyword("blocks");
                (Map by, int left, int right) = MapAndTwo();
                return _ => new Operator.OuterSum(left, right, by, blocks);
            case "gather":
                Map along = ParseMap();
                int gathered = Id();
                return _ => new Operator.Gather(gathered, along);
            case "pointwise":
                Symbol("{");
                expressionSize = 0;
                Expr expression = Sum();
                Symbol("}");
                EquatableArray<int> arguments = Ids();
                return _ => new Operator.Pointwise(expression, arguments);
            case "reshape":
                int reshaped = Id();
                return type => new Operator.Reshape(reshaped, type.Row);
            case "transpose":
                EquatableArray<int> axes = Extents();
                int permuted = Id();
                return _ => new Operator.Transpose(permuted, axes);
            case "slice":
                int axis = Integer();
                Symbol(":");
                int start = Integer();
                Symbol(":");
                int length = Integer();
                int sliced = Id();
                return _ => new Operator.Slice(sliced, axis, start, length);
            case "concat":
                int joined = Integer();
                EquatableArray<int> parts = Ids();
                return _ => new Operator.Concat(joined, parts);
            case not null when word.StartsWith("reduce.", StringComparison.Ordinal):
                ReduceKind kind = Kind(begin, word["reduce.".Length..]);
                Map reduced = ParseMap();
                int rows = Id();
                return _ => new Operator.Reduce(rows, reduced, kind);
            case not null when word.StartsWith("row.", StringComparison.Ordinal):
                ReduceKind rowKind = Kind(begin, word["row.".Length..]);
                EquatableArray<int> rowAxes = Extents();
                int row = Id();
                return _ => new Operator.RowReduce(row, rowKind, rowAxes);
            default:
                throw ErrorAt(begin, $"'{word}' is not an operator");
        }
    }

    private string NewName()
    {
        int start = Here();
        string name = Identifier();
        return arguments.Add(name) ? name : throw new PigeonException("PG0103", $"the name {name} is taken", PlaceOf(start));
    }

    private (Map Map, int First, int Second) MapAndTwo()
    {
        Map map = ParseMap();
        int first = Id();
        Symbol(",");
        return (map, first, Id());
    }

    private RowType Type()
    {
        IndexSpace space = Space();
        var row = new Shape(Extents());
        ElementType element = ElementType.F32;
        if (TrySymbol(":"))
        {
            int start = Here();
            if (!TryFunction(Identifier(), out element))
            {
                throw ErrorAt(start, "not an element type");
            }
        }

        return new(space, row, element);
    }

    private IndexSpace Space()
    {
        Enter(MaxMapDepth);
        int start = Here();
        string word = Identifier();
        IndexSpace space = word switch
        {
            "one" => IndexSpace.One,
            "distinct" => Two(ParseMap, (a, b) => Paired(start, a, b, new IndexSpace.Distinct(a, b))),
            "product" => Two(Space, (a, b) => (IndexSpace)new IndexSpace.Product(a, b)),
            _ => new IndexSpace.Declared(Checked(start, () => Names.CheckFree(word, "space"))),
        };
        depth--;
        return space;
    }

    private Map ParseMap()
    {
        Enter(MaxMapDepth);
        int start = Here();
        string word = Identifier();
        Map map = word switch
        {
            "id" => OneSpace(s => new Map.Identity(s)),
            "unit" => OneSpace(s => new Map.Unit(s)),
            "compose" => Two(ParseMap, (a, b) => a.From == b.To
                ? Map.Compose(a, b)
                : throw ErrorAt(start, $"{a} starts from {a.From}, but {b} leads to {b.To}")),
            "pair" => Two(ParseMap, (a, b) => Paired(start, a, b, (Map)new Map.Pair(a, b))),
            "first" => Two(ParseMap, (a, b) => Paired(start, a, b, (Map)new Map.Component(new(a, b), 0))),
            "second" => Two(ParseMap, (a, b) => Paired(start, a, b, (Map)new Map.Component(new(a, b), 1))),
            "index" => Two(ParseMap, (a, b) => Paired(start, a, b, (Map)new Map.Index(a, b))),
            _ when maps.TryGetValue(word, out Map.Stored? stored) => stored,
            _ => throw ErrorAt(start, $"map {word} is not declared"),
        };
        depth--;
        return map;
    }

    private T Paired<T>(int start, Map a, Map b, T result) =>
        a.From == b.From ? result : throw ErrorAt(start, $"{a} starts from {a.From}, but {b} from {b.From}");

    private Map OneSpace(Func<IndexSpace, Map> make)
    {
        Symbol("(");
        IndexSpace space = Space();
        Symbol(")");
        return make(space);
    }

    private TResult Two<T, TResult>(Func<T> item, Func<T, T, TResult> make)
    {
        Symbol("(");
        T first = item();
        Symbol(",");
        T second = item();
        Symbol(")");
        return make(first, second);
    }

    private Expr Sum()
    {
        Enter(MaxDepth);
        Expr left = Term();
        while (true)
        {
            if (TrySymbol("+"))
            {
                left = new Expr.Binary(BinaryFunction.Add, left, Term());
            }
            else if (TrySymbol("-"))
            {
                left = new Expr.Binary(BinaryFunction.Sub, left, Term());
            }
            else
            {
                depth--;
                return left;
            }
        }
    }

    private Expr Term()
    {
        Expr left = Atom();
        while (true)
        {
            if (TrySymbol("*"))
            {
                left = new Expr.Binary(BinaryFunction.Mul, left, Atom());
            }
            else if (TrySymbol("/"))
            {
                left = new Expr.Binary(BinaryFunction.Div, left, Atom());
            }
            else
            {
                return left;
            }
        }
    }

    private Expr Atom()
    {
        char next = Peek();
        if (++expressionSize > MaxExpression)
        {
            throw Error($"an expression has at most {MaxExpression} terms; give a part of it a value of its own");
        }

        if (next == '$')
        {
            position++;
            return new Expr.Arg(Integer());
        }

        if (TrySymbol("("))
        {
            Expr inner = Sum();
            Symbol(")");
            return inner;
        }

        if (char.IsAsciiDigit(next) || (next == '-' && IsNumber(position + 1)))
        {
            return new Expr.Const(Number());
        }

        if (TrySymbol("-"))
        {
            Enter(MaxDepth);
            var negative = new Expr.Unary(UnaryFunction.Neg, Atom());
            depth--;
            return negative;
        }

        int start = position;
        string name = Identifier();
        Symbol("(");
        var arguments = new List<Expr> { Sum() };
        while (TrySymbol(","))
        {
            arguments.Add(Sum());
        }

        Symbol(")");
        return (name, arguments.Count) switch
        {
            ("select", 3) => new Expr.Select(arguments[0], arguments[1], arguments[2]),
            (_, 1) when TryFunction(name, out UnaryFunction unary) => new Expr.Unary(unary, arguments[0]),
            (_, 2) when TryFunction(name, out BinaryFunction binary) =>
                new Expr.Binary(binary, arguments[0], arguments[1]),
            _ => throw ErrorAt(start, $"there is no function {name} of {arguments.Count} arguments"),
        };
    }

    private ReduceKind Kind(int start, string word) => TryFunction(word, out ReduceKind kind)
        ? kind
        : throw ErrorAt(start, $"there is no reduction '{word}'");

    /// <summary>Reads a case by its name in lower case; a number, which <see cref="Enum"/> would take too, names none.</summary>
    private static bool TryFunction<T>(string word, out T function)
        where T : struct, Enum =>
        Enum.TryParse(word, ignoreCase: true, out function) && Enum.IsDefined(function) && function.ToString().ToLowerInvariant() == word;

    private EquatableArray<int> Ids()
    {
        var ids = ImmutableArray.CreateBuilder<int>();
        do
        {
            ids.Add(Id());
        }
        while (TrySymbol(","));
        return new(ids.ToImmutable());
    }

    private EquatableArray<int> Extents()
    {
        Symbol("[");
        var items = ImmutableArray.CreateBuilder<int>();
        if (!TrySymbol("]"))
        {
            do
            {
                items.Add(Integer());
            }
            while (TrySymbol(","));
            Symbol("]");
        }

        return new(items.ToImmutable());
    }

    private int Id()
    {
        Symbol("%");
        return Integer();
    }

    private int Integer()
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

    private double Number()
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

    private string Identifier()
    {
        Skip();
        int start = position;
        if (position < text.Length && Names.IsStart(text[position]))
        {
            // A dash belongs to a name unless it begins an arrow.
            while (position < text.Length && Names.IsPart(text[position]) && !text.AsSpan(position).StartsWith("->"))
            {
                position++;
            }
        }

        return position > start ? text[start..position] : throw Error("a name stands here");
    }

    private void Keyword(string word)
    {
        if (!TryKeyword(word))
        {
            throw Error($"'{word}' stands here");
        }
    }

    private bool TryKeyword(string word)
    {
        Skip();
        int end = position + word.Length;
        bool found = text.AsSpan(position).StartsWith(word) && (end == text.Length || !Names.IsPart(text[end]));
        position = found ? end : position;
        return found;
    }

    private void Symbol(string symbol)
    {
        if (!TrySymbol(symbol))
        {
            throw Error($"'{symbol}' stands here");
        }
    }

    private bool TrySymbol(string symbol)
    {
        Skip();
        bool found = text.AsSpan(position).StartsWith(symbol);
        position += found ? symbol.Length : 0;
        return found;
    }

    private char Peek()
    {
        Skip();
        return position < text.Length ? text[position] : '\0';
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

    private void Enter(int limit)
    {
        if (++depth > limit)
        {
            throw Error($"nested more than {limit} deep");
        }
    }

    private bool IsNumber(int at) => at < text.Length && char.IsAsciiDigit(text[at]);

    private int Here()
    {
        Skip();
        return position;
    }

    private PigeonException Error(string message) => ErrorAt(Here(), message);

    private PigeonException ErrorAt(int at, string message)
    {
        string found = at < text.Length ? text[at..Math.Min(at + 20, text.Length)].Split('\n')[0].Trim() : "the end";
        return new("PG0110", $"{message}; found '{found}'", PlaceOf(at));
    }

    private string PlaceOf(int at)
    {
        int line = 1 + text.AsSpan(0, at).Count('\n');
        int column = at - (at == 0 ? -1 : text.LastIndexOf('\n', at - 1));
        return string.Create(CultureInfo.InvariantCulture, $"{file}:{line}:{column}");
    }
}
