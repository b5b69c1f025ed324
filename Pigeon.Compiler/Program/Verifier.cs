using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Text;
using Pigeon.Kernels;

namespace Pigeon.Compiler;

/// <summary>The type rule of every operator. A program that has types is well formed.</summary>
internal static class Verifier
{
    /// <summary>The types of all values.</summary>
    /// <exception cref="PigeonException">PG0102 … PG0109: the rule that was broken, with the value's text.</exception>
    public static ImmutableArray<RowType> Infer(Program program)
    {
        var types = new List<RowType>(program.Values.Length);
        var names = new HashSet<string>(StringComparer.Ordinal);
        for (int i = 0; i < program.Values.Length; i++)
        {
            Operator op = program.Values[i];
            string? taken = op switch { Operator.Input o => o.Name, Operator.Weight o => o.Name, _ => null };
            Require(taken is null || names.Add(taken), "PG0103", $"the name {NameText.Of(taken!)} is taken", new(program.Name));
            types.Add(Infer(program.Name, op, i, types));
        }

        Require(program.Outputs.Length > 0, "PG0105", $"it returns nothing", new(program.Name));
        foreach (Output output in program.Outputs)
        {
            Names.Check(output.Name, "an output");
            Require((uint)output.Value < (uint)types.Count, "PG0102", $"it returns %{output.Value}, which is not defined", new(program.Name));
        }

        Require(program.Outputs.Select(o => o.Name).Distinct().Count() == program.Outputs.Length, "PG0103",
            $"two outputs have the same name", new(program.Name));
        return [.. types];
    }

    /// <summary>The type of one operator that becomes value <paramref name="id"/>, after values of the given types.</summary>
    public static RowType Infer(string program, Operator op, int id, List<RowType> types)
    {
        var place = new Place(program, op, id);
        foreach (int operand in op.Operands)
        {
            Require((uint)operand < (uint)id, "PG0102", $"it reads %{operand}, which is not defined before it", place);
        }

        _ = op switch
        {
            Operator.Input o => Names.Check(o.Name, "an input"),
            Operator.Weight o => Names.Check(o.Name, "a weight"),
            _ => "",
        };
        RowType type = Rule(op, types, place);
        Require(type.Row.Extents.Items.All(e => e > 0) && Width(type.Row) <= int.MaxValue, "PG0104",
            $"its row would be {type.Row}; at most 8 axes, each positive, fewer than 2^31 elements", place);
        return type;
    }

    /// <summary>The elements of a row, or more than a row may have.</summary>
    private static long Width(Shape row) =>
        row.Rank > 8 ? long.MaxValue : row.Extents.Items.Aggregate(1L, (product, extent) => Math.Min(product * extent, int.MaxValue + 1L));

    private static RowType Rule(Operator op, List<RowType> types, Place place)
    {
        switch (op)
        {
            case Operator.Input input:
                return input.Type;
            case Operator.Weight weight:
                return weight.Type;
            case Operator.Constant constant:
                Require(double.IsFinite(constant.Value), "PG0106", $"a constant is finite", place);
                return constant.Type;
            case Operator.Uniform uniform:
                RowType seed = types[uniform.Seed];
                Require(seed.Space is IndexSpace.OneSpace && seed.Row == Shape.Of(2) && uniform.Stream >= 0, "PG0106",
                    $"the seed is {seed}, but must be one[2], and the stream a whole number", place);
                return uniform.Type;
            case Operator.TypedLinear linear:
                return Linear(linear, types[linear.X], types[linear.W], place);
            case Operator.OuterSum outer:
                return Outer(outer, types[outer.X], types[outer.Y], place);
            case Operator.Gather gather:
                Require(types[gather.X].Space == gather.Map.To, "PG0107",
                    $"%{gather.X} is on {types[gather.X].Space}, but {gather.Map} leads to {gather.Map.To}", place);
                return types[gather.X] with { Space = gather.Map.From };
            case Operator.Reduce reduce:
                Require(types[reduce.X].Space == reduce.Map.From, "PG0107",
                    $"%{reduce.X} is on {types[reduce.X].Space}, but {reduce.Map} starts from {reduce.Map.From}", place);
                return types[reduce.X] with { Space = reduce.Map.To };
            case Operator.Pointwise pointwise:
                return PointwiseRule(pointwise, types, place);
            case Operator.RowReduce reduce:
                RowType full = types[reduce.X];
                Require(reduce.Axes.Count > 0 && reduce.Axes.All(a => (uint)a < (uint)full.Row.Rank) &&
                    reduce.Axes.Distinct().Count() == reduce.Axes.Count, "PG0108", $"the axes don't fit a row {full.Row}", place);
                return full with
                {
                    Row = Shape.Of([.. full.Row.Extents.Items.Select((e, axis) => reduce.Axes.Contains(axis) ? 1 : e)]),
                };
            case Operator.Reshape reshape:
                Require(Width(reshape.Row) == Width(types[reshape.X].Row), "PG0108",
                    $"a row {types[reshape.X].Row} can't become {reshape.Row}", place);
                return types[reshape.X] with { Row = reshape.Row };
            case Operator.Regroup regroup:
                RowType ungrouped = types[regroup.X];
                Require(Ungrouped(ungrouped.Space, Width(ungrouped.Row)) == Ungrouped(regroup.Space, Width(regroup.Row)), "PG0108",
                    $"rows {ungrouped} can't become rows of {regroup.Space}{regroup.Row}", place);
                return ungrouped with { Space = regroup.Space, Row = regroup.Row };
            case Operator.Transpose transpose:
                RowType before = types[transpose.X];
                Require(transpose.Axes.Order().SequenceEqual(Enumerable.Range(0, before.Row.Rank)), "PG0108",
                    $"the axes don't permute a row {before.Row}", place);
                return before with { Row = Shape.Of([.. transpose.Axes.Select(a => before.Row[a])]) };
            case Operator.Slice slice:
                RowType whole = types[slice.X];
                Require((uint)slice.Axis < (uint)whole.Row.Rank && slice.Start >= 0 && slice.Length > 0 &&
                    (long)slice.Start + slice.Length <= whole.Row[slice.Axis], "PG0108", $"the range doesn't fit a row {whole.Row}", place);
                return whole with { Row = Shape.Of([.. whole.Row.Extents.Items.SetItem(slice.Axis, slice.Length)]) };
            case Operator.Concat concat:
                return ConcatRule(concat, types, place);
            default:
                throw new InvalidOperationException($"no type rule for {op.GetType().Name}");
        }
    }

    /// <summary>A space without the ranges at its end, and how many elements a row of it has.</summary>
    private static (IndexSpace Space, decimal Width) Ungrouped(IndexSpace space, decimal width) => space switch
    {
        _ when width > int.MaxValue => (space, width),
        IndexSpace.Range range => (IndexSpace.One, width * range.Count),
        IndexSpace.Product { Second: IndexSpace.Range or IndexSpace.Product } product
            when Ungrouped(product.Second, width) is (IndexSpace.OneSpace, var all) => Ungrouped(product.First, all),
        _ => (space, width),
    };

    private static RowType Linear(Operator.TypedLinear op, RowType x, RowType w, Place place)
    {
        Require(op.Type.From == x.Space && op.Type.To == w.Space, "PG0107",
            $"{op.Type} goes from {op.Type.From} to {op.Type.To}, but x is on {x.Space} and w on {w.Space}", place);
        bool blocks = w.Row.Rank == 3;
        Require(w.Row.Rank is 2 or 3 && x.Row.Rank >= 1 && (!blocks || (x.Row.Rank is 2 or 3 && x.Row[0] == w.Row[0])), "PG0109",
            $"rows x {x.Row} and w {w.Row}: w is [k, n] or [b, k, n], x is [..., k] or [b, k] or [b, m, k]", place);
        int k = op.Transposed ? w.Row[^1] : w.Row[^2];
        int n = op.Transposed ? w.Row[^2] : w.Row[^1];
        Require(x.Row[^1] == k, "PG0109", $"x has rows {x.Row}, but w{(op.Transposed ? " transposed" : "")} takes {k} columns", place);
        return x with { Row = Shape.Of([.. x.Row.Extents.Items.SetItem(x.Row.Rank - 1, n)]) };
    }

    private static RowType Outer(Operator.OuterSum op, RowType x, RowType y, Place place)
    {
        Require(x.Space == y.Space && op.Type.From == x.Space, "PG0107",
            $"x is on {x.Space}, y on {y.Space}, {op.Type} starts from {op.Type.From}", place);
        Require(x.Row.Rank >= 1 && x.Row.Rank == y.Row.Rank && x.Row.Extents.Items[..^1].SequenceEqual(y.Row.Extents.Items[..^1]),
            "PG0109", $"rows x {x.Row} and y {y.Row} differ before the last axis", place);
        Require(!op.Blocks || x.Row.Rank is 2 or 3, "PG0109", $"rows x {x.Row} have no blocks: they are [b, k] or [b, m, k]", place);
        return new(op.Type.To, op.Blocks ? Shape.Of(x.Row[0], x.Row[^1], y.Row[^1]) : Shape.Of(x.Row[^1], y.Row[^1]), x.Element);
    }

    private static RowType PointwiseRule(Operator.Pointwise op, List<RowType> types, Place place)
    {
        Require(op.Arguments.Count > 0, "PG0106", $"an expression has at least one operand; use a constant instead", place);
        CheckArguments(op.Expression, op.Arguments.Count, place);
        RowType first = types[op.Arguments[0]];
        Shape row = first.Row;
        foreach (int argument in op.Arguments)
        {
            RowType type = types[argument];
            Require(type.Space == first.Space, "PG0107",
                $"%{argument} is on {type.Space}, but %{op.Arguments[0]} is on {first.Space}", place);
            Require(Shape.Broadcast(row, type.Row) is { } both, "PG0109", $"rows {row} and {type.Row} don't broadcast", place);
            row = Shape.Broadcast(row, type.Row)!.Value;
        }

        return first with { Row = row };
    }

    private static void CheckArguments(Expr expression, int count, Place place)
    {
        Require(expression is not Expr.Arg { Position: var p } || (uint)p < (uint)count, "PG0106",
            $"the expression reads ${(expression as Expr.Arg)?.Position}, but has {count} operands", place);
        Require(expression is not Expr.Const { Value: var c } || double.IsFinite(c), "PG0106", $"a constant is finite", place);
        foreach (Expr child in expression.Children)
        {
            CheckArguments(child, count, place);
        }
    }

    private static RowType ConcatRule(Operator.Concat op, List<RowType> types, Place place)
    {
        Require(op.Parts.Count > 0, "PG0108", $"there is nothing to join", place);
        RowType first = types[op.Parts[0]];
        Require((uint)op.Axis < (uint)first.Row.Rank, "PG0108", $"axis {op.Axis} doesn't fit a row {first.Row}", place);
        long extent = 0;
        foreach (int part in op.Parts)
        {
            RowType type = types[part];
            Require(type.Space == first.Space, "PG0107", $"%{part} is on {type.Space}, but %{op.Parts[0]} is on {first.Space}", place);
            Require(type.Row.Rank == first.Row.Rank &&
                type.Row.Extents.Items.SetItem(op.Axis, 1).SequenceEqual(first.Row.Extents.Items.SetItem(op.Axis, 1)), "PG0108",
                $"rows {first.Row} and {type.Row} differ outside axis {op.Axis}", place);
            extent += type.Row[op.Axis];
        }

        Require(extent <= int.MaxValue, "PG0104", $"its row would have {extent} elements along axis {op.Axis}; fewer than 2^31", place);
        return first with { Row = Shape.Of([.. first.Row.Extents.Items.SetItem(op.Axis, (int)extent)]) };
    }

    private static void Require(bool condition, string id, [InterpolatedStringHandlerArgument(nameof(condition))] Fault fault, Place place)
    {
        if (!condition)
        {
            throw new PigeonException(id, fault.ToString(), place.ToString());
        }
    }

    /// <summary>Where a rule is broken. Programs are checked all the time and hardly ever wrong, so its text is made only when asked for.</summary>
    private readonly record struct Place(string Program, Operator? Op = null, int Id = 0)
    {
        public override string ToString() => Op is null ? Program : $"{Program}: %{Id} = {ProgramPrinter.Print(Op)}";
    }

    /// <summary>What is wrong, formatted only where a condition does not hold.</summary>
    [InterpolatedStringHandler]
    private readonly ref struct Fault
    {
        private readonly StringBuilder? text;

        public Fault(int literal, int holes, bool condition, out bool isEnabled)
        {
            isEnabled = !condition;
            text = isEnabled ? new(literal + (holes * 8)) : null;
        }

        public void AppendLiteral(string literal) => text!.Append(literal);

        public void AppendFormatted<T>(T item) => text!.Append(item);

        public override string ToString() => text?.ToString() ?? "";
    }
}
