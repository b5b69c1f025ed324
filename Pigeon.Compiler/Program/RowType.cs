using System.Globalization;
using Pigeon.Kernels;

namespace Pigeon.Compiler;

/// <summary>The shape of one row of a value: axis extents, outermost first; no axes for a scalar.</summary>
public readonly record struct Shape(EquatableArray<int> Extents)
{
    /// <summary>The shape with these extents.</summary>
    public static Shape Of(params ReadOnlySpan<int> extents) => new([.. extents]);

    /// <summary>The number of axes.</summary>
    public int Rank => Extents.Count;

    /// <summary>The number of elements of a row.</summary>
    public long Width => Extents.Items.Aggregate(1L, (product, extent) => checked(product * extent));

    /// <summary>The extent of an axis; negative axes count from the end.</summary>
    public int this[Index axis] => Extents.Items[axis];

    /// <summary>The common shape of two operands under numpy's rules (right-aligned, extent 1 stretches), or null.</summary>
    public static Shape? Broadcast(Shape a, Shape b)
    {
        int rank = Math.Max(a.Rank, b.Rank);
        int[] extents = new int[rank];
        for (int i = 1; i <= rank; i++)
        {
            int x = i <= a.Rank ? a[^i] : 1;
            int y = i <= b.Rank ? b[^i] : 1;
            if (x != y && x != 1 && y != 1)
            {
                return null;
            }

            extents[rank - i] = x == 1 ? y : x;
        }

        return Of(extents);
    }

    /// <summary><c>[4, 16]</c>.</summary>
    public override string ToString() =>
        $"[{string.Join(", ", Extents.Items.Select(e => e.ToString(CultureInfo.InvariantCulture)))}]";
}

/// <summary>The type of a value: one row of a fixed shape for every row of a space.</summary>
public sealed record RowType(IndexSpace Space, Shape Row, ElementType Element = ElementType.F32)
{
    /// <summary><c>Edges[4, 16]</c>; element types other than f32 follow a colon.</summary>
    public override string ToString() =>
        $"{Space}{Row}{(Element == ElementType.F32 ? "" : ":" + Element.ToString().ToLowerInvariant())}";
}
