using System.Numerics.Tensors;
using Pigeon.Kernels;

namespace Pigeon.Compiler;

/// <summary>Reductions along maps and along rows.</summary>
public sealed partial class Evaluator<T>
{
    private T[] Reduce(int id, Operator.Reduce op)
    {
        T[] x = values[op.X]!;
        if (op is { Map: Map.Unit, Kind: ReduceKind.Sum or ReduceKind.Mean })
        {
            T[] total = Total(x, Width(id));
            if (op.Kind == ReduceKind.Mean)
            {
                TensorPrimitives.Divide(total, T.CreateChecked(Math.Max(graph.SizeOf(op.Map.From), 1)), total);
            }

            return total;
        }

        T[] y = Filled(id, op.Kind == ReduceKind.Prod ? T.One : T.Zero);
        int width = Width(id);
        int[] rows = graph.Resolve(op.Map).Values;
        int[] counts = new int[Rows(id)];
        for (int i = 0; i < rows.Length; i++)
        {
            Span<T> to = y.AsSpan(rows[i] * width, width);
            Combine(op.Kind, x.AsSpan(i * width, width), to, first: counts[rows[i]]++ == 0);
        }

        for (int j = 0; op.Kind == ReduceKind.Mean && j < counts.Length; j++)
        {
            Span<T> to = y.AsSpan(j * width, width);
            TensorPrimitives.Divide(to, T.CreateChecked(Math.Max(counts[j], 1)), to);
        }

        return y;
    }

    /// <summary>The sum of all rows, in pairs of halves: one after another, rows would be lost to rounding where T has few digits.</summary>
    private static T[] Total(ReadOnlySpan<T> x, int width)
    {
        const int few = 64;
        int rows = width == 0 ? 0 : x.Length / width;
        if (rows > few)
        {
            T[] half = Total(x[..(rows / 2 * width)], width);
            TensorPrimitives.Add(half, Total(x[(rows / 2 * width)..], width), half);
            return half;
        }

        var total = new T[width];
        for (int i = 0; i < rows; i++)
        {
            TensorPrimitives.Add(x.Slice(i * width, width), total, total);
        }

        return total;
    }

    private static void Combine(ReduceKind kind, ReadOnlySpan<T> x, Span<T> to, bool first)
    {
        switch (kind)
        {
            case ReduceKind.Max or ReduceKind.Min when first:
                x.CopyTo(to);
                break;
            case ReduceKind.Max:
                TensorPrimitives.Max(x, to, to);
                break;
            case ReduceKind.Min:
                TensorPrimitives.Min(x, to, to);
                break;
            case ReduceKind.Prod:
                TensorPrimitives.Multiply(x, to, to);
                break;
            default:
                TensorPrimitives.Add(x, to, to);
                break;
        }
    }

    private T[] RowReduce(int id, Operator.RowReduce op)
    {
        // Bring the reduced axes to the front of the row; then they combine slice by slice.
        Shape row = program.Types[op.X].Row;
        int[] strides = Strides(row);
        int[] reduced = [.. op.Axes.Order()];
        int[] kept = [.. Enumerable.Range(0, row.Rank).Except(reduced)];
        int width = Width(id);
        int count = (int)(row.Width / width);
        T[] x = values[op.X]!;
        T[] y = Filled(id, op.Kind == ReduceKind.Prod ? T.One : T.Zero);
        int[] keptOffsets = Offsets([.. kept.Select(a => row[a])], [.. kept.Select(a => strides[a])]);
        int[] reducedOffsets = Offsets([.. reduced.Select(a => row[a])], [.. reduced.Select(a => strides[a])]);
        for (int i = 0; i < Rows(id); i++)
        {
            for (int j = 0; j < width; j++)
            {
                for (int r = 0; r < count; r++)
                {
                    int at = (i * (int)row.Width) + keptOffsets[j] + reducedOffsets[r];
                    Combine(op.Kind, x.AsSpan(at, 1), y.AsSpan((i * width) + j, 1), first: r == 0);
                }
            }
        }

        if (op.Kind == ReduceKind.Mean)
        {
            TensorPrimitives.Divide(y, T.CreateChecked(count), y);
        }

        return y;
    }
}
