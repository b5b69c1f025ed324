using System.Collections.Immutable;

namespace Pigeon.Runtime;

/// <summary>The integers of an <c>.npy</c> file, such as an edge list of shape [2, E].</summary>
public sealed class NpyIntegers
{
    internal NpyIntegers(ImmutableArray<long> shape, int[] values)
    {
        Shape = shape;
        Values = values;
    }

    /// <summary>The dimensions.</summary>
    public ImmutableArray<long> Shape { get; }

    /// <summary>The elements in C order, as many as the product of the dimensions.</summary>
    public int[] Values { get; }
}
