using System.Runtime.InteropServices;

namespace Pigeon.Datasets;

/// <summary>Numbers things in order of first appearance.</summary>
internal sealed class Numbering<T>(IEqualityComparer<T>? comparer = null)
    where T : notnull
{
    private readonly Dictionary<T, int> numbers = new(comparer);
    private readonly List<T> items = [];

    /// <summary>The things, by number.</summary>
    public IReadOnlyList<T> Items => items;

    /// <summary>The number of a thing; a thing that is new gets the next one.</summary>
    public int this[T item]
    {
        get
        {
            ref int number = ref CollectionsMarshal.GetValueRefOrAddDefault(numbers, item, out bool known);
            if (!known)
            {
                number = items.Count;
                items.Add(item);
            }

            return number;
        }
    }

    /// <summary>The number of a thing that is known.</summary>
    public bool TryFind(T item, out int number) => numbers.TryGetValue(item, out number);
}
