using System.Collections.Immutable;
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
    private readonly TextCursor cursor;
    private readonly Dictionary<string, Map.Stored> maps = new(StringComparer.Ordinal);
    private readonly HashSet<string> arguments = new(StringComparer.Ordinal);
    private int depth;
    private int expressionSize;

    private ProgramParser(TextCursor cursor) => this.cursor = cursor;

    /// <summary>Reads one program.</summary>
    /// <param name="text">The program's text.</param>
    /// <param name="file">The name that errors give as their place.</param>
    /// <exception cref="PigeonException">PG0110: not a program's text. PG0101 … PG0109: the program is not well formed.</exception>
    public static Program Parse(string text, string file = "program text") => new ProgramParser(new(text, file)).ParseProgram();

    private Program ParseProgram()
    {
        cursor.Keyword("program");
        int start = cursor.Here();
        string name = cursor.Name(out _);
        cursor.Checked(start, () => Names.Check(name, "a program"));
        while (cursor.TryKeyword("map"))
        {
            ParseDeclaration();
        }

        var values = ImmutableArray.CreateBuilder<Operator>();
        var types = new List<RowType>();
        while (cursor.At('%'))
        {
            start = cursor.Here();
            if (Id() != values.Count)
            {
                throw cursor.ErrorAt(start, $"values are numbered in order; this one is %{values.Count}");
            }

            cursor.Symbol("=");
            start = cursor.Here();
            (Func<RowType, Operator> make, RowType type) = Value();
            Operator op = make(type);
            RowType inferred = cursor.Checked(start, () => Verifier.Infer(name, op, values.Count, types));
            if (inferred != type)
            {
                throw cursor.ErrorAt(start, $"%{values.Count} is declared {type}, but is {inferred}");
            }

            values.Add(op);
            types.Add(type);
        }

        start = cursor.Here();
        cursor.Keyword("return");
        var outputs = ImmutableArray.CreateBuilder<Output>();
        do
        {
            string output = cursor.Name(out _);
            cursor.Symbol("=");
            outputs.Add(new(output, Id()));
        }
        while (cursor.TrySymbol(","));
        if (!cursor.AtEnd)
        {
            throw cursor.Error("the program ends before this");
        }

        return cursor.Checked(start, () => new Program(name, values.ToImmutable(), outputs.ToImmutable()));
    }

    private void ParseDeclaration()
    {
        int start = cursor.Here();
        string name = cursor.Name(out bool isQuoted);
        cursor.Checked(start, () => isQuoted ? Names.Check(name, "a map") : Names.CheckUnquoted(name, "a map"));
        cursor.Symbol(":");
        IndexSpace from = Space();
        cursor.Symbol("->");
        if (!maps.TryAdd(name, new(name, from, Space())))
        {
            throw cursor.ErrorAt(start, $"map {NameText.OfFree(name)} is declared twice");
        }
    }

    private (Func<RowType, Operator> Make, RowType Type) Value()
    {
        Func<RowType, Operator> make = Body();
        cursor.Symbol(":");
        return (make, Type());
    }

    private Func<RowType, Operator> Body()
    {
        int begin = cursor.Here();
        string word = cursor.Identifier();
        switch (word)
        {
            case "input":
                string input = NewName();
                return type => new Operator.Input(input, type);
            case "weight":
                string weight = NewName();
                return type => new Operator.Weight(weight, type);
            case "constant":
                double value = cursor.Number();
                return type => new Operator.Constant(value, type);
            case "uniform":
                int stream = cursor.Integer();
                int seed = Id();
                return type => new Operator.Uniform(seed, stream, type);
            case "linear":
                bool transposed = cursor.TryKeyword("transposed");
                (Map map, int x, int w) = MapAndTwo();
                return _ => new Operator.TypedLinear(x, w, map, transposed);
            case "outer":
                bool blocks = cursor.TryKeyword("blocks");
                (Map by, int left, int right) = MapAndTwo();
                return _ => new Operator.OuterSum(left, right, by, blocks);
            case "gather":
                Map along = ParseMap();
                int gathered = Id();
                return _ => new Operator.Gather(gathered, along);
            case "pointwise":
                cursor.Symbol("{");
                expressionSize = 0;
                Expr expression = Sum();
                cursor.Symbol("}");
                EquatableArray<int> arguments = Ids();
                return _ => new Operator.Pointwise(expression, arguments);
            case "reshape":
                int reshaped = Id();
                return type => new Operator.Reshape(reshaped, type.Row);
            case "regroup":
                int regrouped = Id();
                return type => new Operator.Regroup(regrouped, type.Space, type.Row);
            case "transpose":
                EquatableArray<int> axes = Extents();
                int permuted = Id();
                return _ => new Operator.Transpose(permuted, axes);
            case "slice":
                int axis = cursor.Integer();
                cursor.Symbol(":");
                int start = cursor.Integer();
                cursor.Symbol(":");
                int length = cursor.Integer();
                int sliced = Id();
                return _ => new Operator.Slice(sliced, axis, start, length);
            case "concat":
                int joined = cursor.Integer();
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
                throw cursor.ErrorAt(begin, $"'{word}' is not an operator");
        }
    }

    private string NewName()
    {
        int start = cursor.Here();
        string name = cursor.Name(out _);
        return arguments.Add(name) ? name
            : throw new PigeonException("PG0103", $"the name {NameText.Of(name)} is taken", cursor.PlaceOf(start));
    }

    private (Map Map, int First, int Second) MapAndTwo()
    {
        Map map = ParseMap();
        int first = Id();
        cursor.Symbol(",");
        return (map, first, Id());
    }

    private RowType Type()
    {
        IndexSpace space = Space();
        var row = new Shape(Extents());
        ElementType element = ElementType.F32;
        if (cursor.TrySymbol(":"))
        {
            int start = cursor.Here();
            if (!TryFunction(cursor.Identifier(), out element))
            {
                throw cursor.ErrorAt(start, "not an element type");
            }
        }

        return new(space, row, element);
    }

    private IndexSpace Space()
    {
        Enter(MaxMapDepth);
        int start = cursor.Here();
        string word = cursor.Name(out bool isQuoted);
        IndexSpace space = word switch
        {
            _ when isQuoted => Declared(),
            "one" => IndexSpace.One,
            "range" => Range(),
            "distinct" => Two(ParseMap, (a, b) => Paired(start, a, b, new IndexSpace.Distinct(a, b))),
            "either" or "firsts" or "seconds" or "byfirst" or "bysecond" => Either(start, word),
            "product" => Two(Space, (a, b) => (IndexSpace)new IndexSpace.Product(a, b)),
            "sorted" => Sorted(start),
            _ => Declared(),
        };
        depth--;
        return space;

        IndexSpace Declared() => new IndexSpace.Declared(cursor.Checked(start, () => isQuoted ? Names.Check(word, "a space") : Names.CheckUnquoted(word, "a space")));
    }

    private IndexSpace.Range Range()
    {
        cursor.Symbol("(");
        int count = cursor.Integer();
        cursor.Symbol(")");
        return new(count);
    }

    private IndexSpace.Sorted Sorted(int start)
    {
        cursor.Symbol("(");
        Map by = ParseMap();
        cursor.Symbol(")");
        return by is Map.Stored { From: IndexSpace.Declared } stored
            ? new(stored)
            : throw cursor.ErrorAt(start, $"{by} is not a stored map from a declared space, so nothing is sorted by it");
    }

    private Map ParseMap()
    {
        Enter(MaxMapDepth);
        int start = cursor.Here();
        string word = cursor.Name(out bool isQuoted);
        Map map = word switch
        {
            _ when isQuoted => Declared(),
            "id" => OneSpace(s => new Map.Identity(s)),
            "unit" => OneSpace(s => new Map.Unit(s)),
            "compose" => Two(ParseMap, (a, b) => a.From == b.To
                ? Map.Compose(a, b)
                : throw cursor.ErrorAt(start, $"{a} starts from {a.From}, but {b} leads to {b.To}")),
            "pair" => Two(ParseMap, (a, b) => Paired(start, a, b, (Map)new Map.Pair(a, b))),
            "first" => Two(ParseMap, (a, b) => Paired(start, a, b, (Map)new Map.Component(new(a, b), 0))),
            "second" => Two(ParseMap, (a, b) => Paired(start, a, b, (Map)new Map.Component(new(a, b), 1))),
            "into" => OneSpace(s => s is IndexSpace.Either { HasAll: true } ways ? new Map.Into(ways) : throw cursor.ErrorAt(start, $"there is no map into {s}")),
            "via" => Via(start),
            "index" => Two(ParseMap, (a, b) => Paired(start, a, b, (Map)new Map.Index(a, b))),
            _ => Declared(),
        };
        depth--;
        return map;

        Map Declared() => maps.TryGetValue(word, out Map.Stored? stored) ? stored
            : throw cursor.ErrorAt(start, $"map {NameText.OfFree(word)} is not declared");
    }

    private T Paired<T>(int start, Map a, Map b, T result) =>
        a.From == b.From ? result : throw cursor.ErrorAt(start, $"{a} starts from {a.From}, but {b} from {b.From}");

    private IndexSpace.Either Either(int start, string word)
    {
        cursor.Symbol("(");
        Map type = ParseMap();
        cursor.Symbol(",");
        Map first = ParseMap();
        cursor.Symbol(",");
        Map second = ParseMap();
        cursor.Symbol(")");
        EitherPart part = word switch
        {
            "firsts" => EitherPart.Firsts,
            "seconds" => EitherPart.Seconds,
            "byfirst" => EitherPart.ByFirst,
            "bysecond" => EitherPart.BySecond,
            _ => EitherPart.Pairs,
        };
        return Paired(start, type, first, Paired(start, type, second, new IndexSpace.Either(type, first, second, part)));
    }

    private Map Via(int start)
    {
        cursor.Symbol("(");
        IndexSpace space = Space();
        cursor.Symbol(",");
        Map whole = ParseMap();
        cursor.Symbol(")");
        return (space, whole) switch
        {
            (IndexSpace.Sorted sorted, Map.Stored stored) when stored.From == sorted.By.From => stored with { From = sorted },
            (IndexSpace.Either ways, _) when Map.Determines(ways, whole) => new Map.Via(ways, whole),
            _ => throw cursor.ErrorAt(start, $"a row of {space} does not show one row of {whole}"),
        };
    }

    private Map OneSpace(Func<IndexSpace, Map> make)
    {
        cursor.Symbol("(");
        IndexSpace space = Space();
        cursor.Symbol(")");
        return make(space);
    }

    private TResult Two<T, TResult>(Func<T> item, Func<T, T, TResult> make)
    {
        cursor.Symbol("(");
        T first = item();
        cursor.Symbol(",");
        T second = item();
        cursor.Symbol(")");
        return make(first, second);
    }

    private Expr Sum()
    {
        Enter(MaxDepth);
        Expr left = Term();
        while (true)
        {
            if (cursor.TrySymbol("+"))
            {
                left = new Expr.Binary(BinaryFunction.Add, left, Term());
            }
            else if (cursor.TrySymbol("-"))
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
            if (cursor.TrySymbol("*"))
            {
                left = new Expr.Binary(BinaryFunction.Mul, left, Atom());
            }
            else if (cursor.TrySymbol("/"))
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
        if (++expressionSize > MaxExpression)
        {
            throw cursor.Error($"an expression has at most {MaxExpression} terms; give a part of it a value of its own");
        }

        if (cursor.TrySymbol("$"))
        {
            return new Expr.Arg(cursor.Integer());
        }

        if (cursor.TrySymbol("("))
        {
            Expr inner = Sum();
            cursor.Symbol(")");
            return inner;
        }

        if (cursor.AtNumber)
        {
            return new Expr.Const(cursor.Number());
        }

        if (cursor.TrySymbol("-"))
        {
            Enter(MaxDepth);
            var negative = new Expr.Unary(UnaryFunction.Neg, Atom());
            depth--;
            return negative;
        }

        int start = cursor.Here();
        string name = cursor.Identifier();
        cursor.Symbol("(");
        var arguments = new List<Expr> { Sum() };
        while (cursor.TrySymbol(","))
        {
            arguments.Add(Sum());
        }

        cursor.Symbol(")");
        return (name, arguments.Count) switch
        {
            ("select", 3) => new Expr.Select(arguments[0], arguments[1], arguments[2]),
            (_, 1) when TryFunction(name, out UnaryFunction unary) => new Expr.Unary(unary, arguments[0]),
            (_, 2) when TryFunction(name, out BinaryFunction binary) =>
                new Expr.Binary(binary, arguments[0], arguments[1]),
            _ => throw cursor.ErrorAt(start, $"there is no function {name} of {arguments.Count} arguments"),
        };
    }

    private ReduceKind Kind(int start, string word) => TryFunction(word, out ReduceKind kind)
        ? kind
        : throw cursor.ErrorAt(start, $"there is no reduction '{word}'");

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
        while (cursor.TrySymbol(","));
        return new(ids.ToImmutable());
    }

    private EquatableArray<int> Extents()
    {
        cursor.Symbol("[");
        var items = ImmutableArray.CreateBuilder<int>();
        if (!cursor.TrySymbol("]"))
        {
            do
            {
                items.Add(cursor.Integer());
            }
            while (cursor.TrySymbol(","));
            cursor.Symbol("]");
        }

        return new(items.ToImmutable());
    }

    private int Id()
    {
        cursor.Symbol("%");
        return cursor.Integer();
    }

    private void Enter(int limit)
    {
        if (++depth > limit)
        {
            throw cursor.Error($"nested more than {limit} deep");
        }
    }
}
