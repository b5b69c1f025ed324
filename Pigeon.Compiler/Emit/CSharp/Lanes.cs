using Pigeon.Kernels;

namespace Pigeon.Compiler;

/// <summary>The C# of vector arithmetic at a width of 16, 8, 4 or 1 floats.</summary>
internal static class Lanes
{
    /// <summary>Whether an expression has a function that is many instructions.</summary>
    public static bool HasLongFunction(Expr expression) => expression is Expr.Unary
    {
        Function: UnaryFunction.Exp or UnaryFunction.Log or UnaryFunction.Sin or UnaryFunction.Cos or UnaryFunction.Tanh or UnaryFunction.Sigmoid
            or UnaryFunction.Erf
    } || expression.Children.Any(HasLongFunction);

    /// <summary>Cuts <paramref name="extent"/> into vectors, widest first, and single floats.</summary>
    public static IEnumerable<(int Start, int Width)> Cut(int extent, int widest)
    {
        int start = 0;
        for (int width = widest; width >= 1; width = width > 4 ? width / 2 : width > 1 ? 1 : 0)
        {
            for (; start + width <= extent; start += width)
            {
                yield return (start, width);
            }
        }
    }

    /// <summary>
    /// Covers <paramref name="extent"/> with vectors of one width where it has one: the last overlaps the one before. For results that are only stored and
    /// do not depend on their lane, so that it makes no difference who stores them. A smaller extent is cut.
    /// </summary>
    public static IEnumerable<(int Start, int Width)> Cover(int extent, int width) => extent < width
        ? Cut(extent, width)
        : Enumerable.Range(0, (extent + width - 1) / width).Select(v => (Math.Min(v * width, extent - width), width));

    /// <summary>
    /// The pieces of <see cref="Cover"/> in groups of <paramref name="most"/>, alike ones together. A group of fewer comes first, so that a vector that
    /// overlaps the one before is in a group with it: both may add to what is there.
    /// </summary>
    public static IEnumerable<VectorGroup> Groups(int extent, int widest, int most)
    {
        (int Start, int Width)[] pieces = [.. Cover(extent, widest)];
        int first = pieces.Length % most;
        (int Start, int Width)[][] groups = [.. pieces.Take(first).Chunk(most), .. pieces.Skip(first).Chunk(most)];
        int Overlap((int Start, int Width)[] group) => group[0].Start + group.Sum(piece => piece.Width) - group[^1].Start - group[^1].Width;
        for (int g = 0; g < groups.Length;)
        {
            int[] widths = [.. groups[g].Select(piece => piece.Width)];
            int overlap = Overlap(groups[g]);
            int repeats = groups.Skip(g).TakeWhile(group => group.Select(piece => piece.Width).SequenceEqual(widths) && Overlap(group) == overlap).Count();
            yield return new(groups[g][0].Start, [.. widths], repeats, overlap);
            g += repeats;
        }
    }

    public static Code Type(int width) => width switch
    {
        16 => Code.Of($"Vector512"),
        8 => Code.Of($"Vector256"),
        4 => Code.Of($"Vector128"),
        _ => Code.Of($"float"),
    };

    public static Code Load(int width, Code pointer, Code offset, ElementType element = ElementType.F32) => (width, element) switch
    {
        (1, _) => Number(pointer, offset, element),
        (_, ElementType.BF16) => Code.Of($"Bf16.Widen{width * 32}({At(pointer, offset)})"),
        _ => Code.Of($"{Type(width)}.Load<float>({At(pointer, offset)})"),
    };

    public static Code Repeat(int width, Code pointer, Code offset, ElementType element = ElementType.F32) => width == 1
        ? Number(pointer, offset, element)
        : Code.Of($"{Type(width)}.Create<float>({Number(pointer, offset, element)})");

    /// <summary>A place in memory. Roslyn tries every operator for a sum, and takes a third less time for a program without.</summary>
    public static Code At(Code pointer, Code offset) => Code.Of($"&{pointer}[{offset}]");

    /// <summary>A place in the rows of a buffer.</summary>
    public static Code AtRow(Code rows, Code row, int width, int offset = 0) => offset == 0
        ? At(rows, Code.Of($"(nint){row} * {width}"))
        : At(rows, Code.Of($"(nint){row} * {width} + {offset}"));

    private static Code Number(Code pointer, Code offset, ElementType element) => element == ElementType.BF16
        ? Code.Of($"Bf16.Widen({pointer}[{offset}])")
        : Code.Of($"{pointer}[{offset}]");

    /// <summary>The type of a pointer to stored numbers.</summary>
    public static Code Pointer(ElementType element) => element == ElementType.BF16 ? Code.Of($"ushort*") : Code.Of($"float*");

    /// <summary>Random numbers from <paramref name="number"/> on, or the first of them in every lane.</summary>
    public static Code Uniform(int width, Code key, Code number, bool repeats) => (width, repeats) switch
    {
        (1, _) => Code.Of($"CounterRandom.Uniform({key}, {number})"),
        (_, true) => Code.Of($"{Type(width)}.Create<float>(CounterRandom.Uniform({key}, {number}))"),
        _ => Code.Of($"CounterRandom.Uniform{width * 32}({key}, {number})"),
    };

    public static Code Constant(int width, double value) => width == 1
        ? Code.Of($"{(float)value}")
        : Code.Of($"{Type(width)}.Create<float>({(float)value})");

    public static Code Store(int width, Code pointer, Code offset, Code value, ElementType element = ElementType.F32) => (width, element) switch
    {
        (1, ElementType.BF16) => Code.Of($"{pointer}[{offset}] = Bf16.Round({value});"),
        (1, _) => Code.Of($"{pointer}[{offset}] = {value};"),
        (_, ElementType.BF16) => Code.Of($"Bf16.Store({value}, {At(pointer, offset)});"),
        _ => Code.Of($"{Type(width)}.Store<float>({value}, {At(pointer, offset)});"),
    };

    /// <summary>Stores a vector past the caches; its place is a multiple of its size.</summary>
    public static Code Stream(int width, Code pointer, Code offset, Code value) =>
        Code.Of($"{Type(width)}.StoreAlignedNonTemporal<float>({value}, {At(pointer, offset)});");

    public static Code MultiplyAdd(int width, Code x, Code y, Code z) => width == 1
        ? Code.Of($"MathF.FusedMultiplyAdd({x}, {y}, {z})")
        : Code.Of($"{Type(width)}.FusedMultiplyAdd({x}, {y}, {z})");

    /// <summary>The first accumulator of a reduction.</summary>
    public static Code Start(int width, ReduceKind kind) => Constant(width, kind switch
    {
        ReduceKind.Max => double.NegativeInfinity,
        ReduceKind.Min => double.PositiveInfinity,
        ReduceKind.Prod => 1,
        _ => 0,
    });

    /// <summary>Adds an expression to an accumulator; a product is fused into a sum.</summary>
    public static Code Combine(int width, ReduceKind kind, Code accumulator, Expr expression, Func<Expr, Code> evaluate) => kind switch
    {
        ReduceKind.Sum or ReduceKind.Mean when expression is Expr.Binary { Function: BinaryFunction.Mul } product =>
            MultiplyAdd(width, evaluate(product.X), evaluate(product.Y), accumulator),
        ReduceKind.Max => Max(width, accumulator, evaluate(expression)),
        ReduceKind.Min => Min(width, accumulator, evaluate(expression)),
        ReduceKind.Prod => Code.Of($"{accumulator} * {evaluate(expression)}"),
        _ => Code.Of($"{accumulator} + {evaluate(expression)}"),
    };

    /// <summary>One number out of a vector's lanes.</summary>
    public static Code Fold(int width, ReduceKind kind, Code value) => (width, kind) switch
    {
        (1, _) => value,
        (_, ReduceKind.Max) => Code.Of($"VectorMath.Max({value})"),
        (_, ReduceKind.Min) => Code.Of($"VectorMath.Min({value})"),
        (_, ReduceKind.Prod) => Code.Of($"VectorMath.Product({value})"),
        _ => Code.Of($"VectorMath.Sum({value})"),
    };

    /// <summary>One out of two.</summary>
    public static Code Join(int width, ReduceKind kind, Code x, Code y) => kind switch
    {
        ReduceKind.Max => Max(width, x, y),
        ReduceKind.Min => Min(width, x, y),
        ReduceKind.Prod => Code.Of($"{x} * {y}"),
        _ => Code.Of($"{x} + {y}"),
    };

    public static Code Evaluate(int width, Expr expression, Func<int, Code> argument)
    {
        return Of(expression);

        Code Of(Expr e) => e switch
        {
            Expr.Arg a => argument(a.Position),
            Expr.Const c => Constant(width, c.Value),
            Expr.Unary u => Unary(width, u.Function, Of(u.X)),
            Expr.Binary { Function: BinaryFunction.Add, X: Expr.Binary { Function: BinaryFunction.Mul } p } b =>
                MultiplyAdd(width, Of(p.X), Of(p.Y), Of(b.Y)),

            // The inverse of a power of two is exact, and multiplying by it is several times faster.
            Expr.Binary { Function: BinaryFunction.Div, Y: Expr.Const c } b when float.IsPow2((float)c.Value) && float.IsNormal(1 / (float)c.Value) =>
                Binary(width, BinaryFunction.Mul, Of(b.X), Constant(width, 1 / (float)c.Value)),
            Expr.Binary b => Binary(width, b.Function, Of(b.X), Of(b.Y)),
            Expr.Select s when width == 1 && HasLongFunction(s) => Code.Of($"({Condition(s.Condition)} ? {Of(s.X)} : {Of(s.Y)})"),
            Expr.Select s when width == 1 => SelectNumber(s),
            Expr.Select s => Code.Of($"{Type(width)}.ConditionalSelect({Condition(s.Condition)}, {Of(s.X)}, {Of(s.Y)})"),
            _ => throw new InvalidOperationException($"no C# for {e.GetType().Name}"),
        };

        Code SelectNumber(Expr.Select s) => s.Condition switch
        {
            Expr.Binary { Function: BinaryFunction.Less } b => Code.Of($"VectorMath.IfLess({Of(b.X)}, {Of(b.Y)}, {Of(s.X)}, {Of(s.Y)})"),
            Expr.Binary { Function: BinaryFunction.Equal } b => Code.Of($"VectorMath.IfEqual({Of(b.X)}, {Of(b.Y)}, {Of(s.X)}, {Of(s.Y)})"),
            var e => Code.Of($"VectorMath.IfEqual({Of(e)}, 0f, {Of(s.Y)}, {Of(s.X)})"),
        };

        Code Condition(Expr e) => (width, e) switch
        {
            (1, Expr.Binary { Function: BinaryFunction.Less } b) => Code.Of($"{Of(b.X)} < {Of(b.Y)}"),
            (1, Expr.Binary { Function: BinaryFunction.Equal } b) => Code.Of($"{Of(b.X)} == {Of(b.Y)}"),
            (1, _) => Code.Of($"{Of(e)} != 0f"),
            (_, Expr.Binary { Function: BinaryFunction.Less } b) => Code.Of($"{Type(width)}.LessThan({Of(b.X)}, {Of(b.Y)})"),
            (_, Expr.Binary { Function: BinaryFunction.Equal } b) => Code.Of($"{Type(width)}.Equals({Of(b.X)}, {Of(b.Y)})"),
            _ => Code.Of($"~{Type(width)}.Equals({Of(e)}, {Type(width)}<float>.Zero)"),
        };
    }

    private static Code Max(int width, Code x, Code y) =>
        width == 1 ? Code.Of($"MathF.Max({x}, {y})") : Code.Of($"{Type(width)}.Max({x}, {y})");

    private static Code Min(int width, Code x, Code y) =>
        width == 1 ? Code.Of($"MathF.Min({x}, {y})") : Code.Of($"{Type(width)}.Min({x}, {y})");

    private static Code Binary(int width, BinaryFunction function, Code x, Code y) => function switch
    {
        BinaryFunction.Add => Code.Of($"({x} + {y})"),
        BinaryFunction.Sub => Code.Of($"({x} - {y})"),
        BinaryFunction.Mul => Code.Of($"({x} * {y})"),
        BinaryFunction.Div => Code.Of($"({x} / {y})"),
        BinaryFunction.Max => Max(width, x, y),
        BinaryFunction.Min => Min(width, x, y),
        BinaryFunction.Less when width == 1 => Code.Of($"({x} < {y} ? 1f : 0f)"),
        BinaryFunction.Equal when width == 1 => Code.Of($"({x} == {y} ? 1f : 0f)"),
        BinaryFunction.Less => Code.Of($"({Type(width)}.LessThan({x}, {y}) & {Constant(width, 1)})"),
        BinaryFunction.Equal => Code.Of($"({Type(width)}.Equals({x}, {y}) & {Constant(width, 1)})"),
        _ => throw new InvalidOperationException($"no C# for {function}"),
    };

    private static Code Unary(int width, UnaryFunction function, Code x)
    {
        Code type = width == 1 ? Code.Of($"MathF") : Type(width);
        return function switch
        {
            UnaryFunction.Detach => x,
            UnaryFunction.Neg => Code.Of($"(-({x}))"),
            UnaryFunction.Abs => Code.Of($"{type}.Abs({x})"),
            UnaryFunction.Exp => Code.Of($"VectorMath.Exp({x})"),
            UnaryFunction.Log => Code.Of($"{type}.Log({x})"),
            UnaryFunction.Sqrt => Code.Of($"{type}.Sqrt({x})"),
            UnaryFunction.Sin => Code.Of($"{type}.Sin({x})"),
            UnaryFunction.Cos => Code.Of($"{type}.Cos({x})"),
            UnaryFunction.Floor => Code.Of($"{type}.Floor({x})"),
            UnaryFunction.Round => Code.Of($"{type}.Round({x})"),
            UnaryFunction.Tanh => Code.Of($"VectorMath.Tanh({x})"),
            UnaryFunction.Sigmoid => Code.Of($"VectorMath.Sigmoid({x})"),
            UnaryFunction.Erf => Code.Of($"VectorMath.Erf({x})"),
            _ => throw new InvalidOperationException($"no C# for {function}"),
        };
    }
}
