namespace Pigeon.Benchmarks;

/// <summary>Distinct (edge type, node) pairs, in order of their types.</summary>
/// <param name="OfEdge">Each edge's pair.</param>
/// <param name="Offsets">Where each type's pairs begin, and the number of pairs.</param>
/// <param name="Type">Each pair's type.</param>
/// <param name="Node">The row of each pair's node.</param>
internal sealed record Pairs(int[] OfEdge, int[] Offsets, int[] Type, int[] Node)
{
    /// <summary>The number of pairs.</summary>
    public int Count => Type.Length;
}
