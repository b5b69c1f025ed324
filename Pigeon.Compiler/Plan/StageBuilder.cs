using System.Collections.Immutable;
using Pigeon.Kernels;

namespace Pigeon.Compiler;

/// <summary>Turns an operator into stages: inlines what has no rows of its own, and reads the rest through accesses.</summary>
internal sealed class StageBuilder(Program program, bool[] located)
{
    /// <summary>The stages that compute a value, for the rows of its space or, in a loop, for the loop's neighbours.</summary>
    /// <param name="value">A value with rows of its own, no source and no contraction.</param>
    /// <param name="loop">The loop the stages stand in; null for stages of the row.</param>
    public ImmutableArray<Stage> Build(int value, Map? loop)
    {
        Operator op = program.Values[value];
        Shape row = program.Types[value].Row;
        RowIndex here = new(loop is not null, new Map.Identity(loop?.From ?? program.Types[value].Space));
        switch (op)
        {
            case Operator.RowReduce reduce:
                Shape full = program.Types[reduce.X].Row;
                int[] strides = Strides(row);
                return [Make(StageKind.RowReduce, reduce.Kind, full, reduce.X, 0,
                    [.. strides.Select((s, axis) => reduce.Axes.Contains(axis) ? 0 : s)])];
            case Operator.Reduce reduce:
                return [Make(StageKind.Reduce, reduce.Kind, row, reduce.X, 0, [.. Strides(row)])];
            case Operator.Concat concat:
                var parts = ImmutableArray.CreateBuilder<Stage>();
                int start = 0;
                foreach (int part in concat.Parts)
                {
                    Shape domain = program.Types[part].Row;
                    parts.Add(Make(StageKind.Map, ReduceKind.Sum, domain, part, start * Strides(row)[concat.Axis], [.. Strides(row)]));
                    start += domain[concat.Axis];
                }

                return parts.ToImmutable();
            default:
                return [Make(StageKind.Map, ReduceKind.Sum, row, value, 0, [.. Strides(row)])];
        }

        Stage Make(StageKind kind, ReduceKind reduction, Shape domain, int source, int offset, EquatableArray<int> destination)
        {
            var arguments = new List<Access>();
            Expr expression = Inline(source, here, domain, loop, arguments, self: source == value);
            return new(value, kind, reduction, domain, expression, [.. arguments.ToArray()], offset, destination);
        }
    }

    /// <summary>Reads whole rows of a value through gathers and reshapes; for the operands of contractions.</summary>
    public Access Rows(int value, IndexSpace from)
    {
        View view = ViewOf(value, self: false);
        return new(view.Value, new(false, Map.Compose(view.Along, new Map.Identity(from))), view.Offset, [.. view.Strides]);
    }

    /// <summary>Row-major strides.</summary>
    public static int[] Strides(Shape row)
    {
        int[] strides = new int[row.Rank];
        int stride = 1;
        for (int axis = row.Rank - 1; axis >= 0; axis--)
        {
            strides[axis] = stride;
            stride *= row[axis];
        }

        return strides;
    }

    /// <summary>Whether strides walk a whole row in row-major order.</summary>
    public static bool IsRowMajor(EquatableArray<int> strides, Shape domain)
    {
        int expected = 1;
        for (int axis = domain.Rank - 1; axis >= 0; axis--)
        {
            if (domain[axis] > 1 && strides[axis] != expected)
            {
                return false;
            }

            expected *= domain[axis];
        }

        return true;
    }

    private Expr Inline(int value, RowIndex index, Shape domain, Map? loop, List<Access> arguments, bool self)
    {
        Operator op = program.Values[value];
        if (self || !located[value])
        {
            switch (op)
            {
                case Operator.Constant constant:
                    return new Expr.Const(constant.Value);
                case Operator.Gather gather when program.Values[gather.X] is Operator.Constant:
                    return Inline(gather.X, index, domain, loop, arguments, self: false);
                case Operator.Pointwise pointwise:
                    return pointwise.Expression.Substitute(i =>
                        Inline(pointwise.Arguments[i], index, domain, loop, arguments, self: false));
            }
        }

        View view = ViewOf(value, self);
        Map along = Map.Compose(view.Along, index.Along);
        RowIndex at = loop is not null && index.OfNeighbour && Map.Factor(along, loop) is { } ofRow
            ? new(false, ofRow)
            : new(index.OfNeighbour, along);
        Shape own = program.Types[value].Row;
        int missing = domain.Rank - own.Rank;
        var access = new Access(view.Value, at, view.Offset,
            [.. Enumerable.Range(0, domain.Rank).Select(a => a < missing || own[a - missing] == 1 ? 0 : view.Strides[a - missing])]);
        int position = arguments.IndexOf(access);
        if (position < 0)
        {
            position = arguments.Count;
            arguments.Add(access);
        }

        return new Expr.Arg(position);
    }

    private View ViewOf(int value, bool self)
    {
        int[] contiguous = Strides(program.Types[value].Row);
        if (located[value] && !self)
        {
            return new(value, new Map.Identity(program.Types[value].Space), 0, contiguous);
        }

        if (program.Values[value] is Operator.Uniform)
        {
            // Its elements are computed from their numbers wherever they are read.
            return new(value, new Map.Identity(program.Types[value].Space), 0, contiguous);
        }

        View below;
        switch (program.Values[value])
        {
            case Operator.Gather op:
                below = ViewOf(op.X, self: false);
                return below with { Along = Map.Compose(below.Along, op.Map) };
            case Operator.Reshape op:
                return ViewOf(op.X, self: false) with { Strides = contiguous };
            case Operator.Transpose op:
                below = ViewOf(op.X, self: false);
                return below with { Strides = [.. op.Axes.Select(a => below.Strides[a])] };
            case Operator.Slice op:
                below = ViewOf(op.X, self: false);
                return below with { Offset = below.Offset + (op.Start * below.Strides[op.Axis]) };
            default:
                throw new InvalidOperationException($"%{value} has no rows to read");
        }
    }

    private sealed record View(int Value, Map Along, int Offset, int[] Strides);
}
