using System.Runtime.InteropServices;

namespace Pigeon.Datasets;

/// <summary>Facts (head, relation, tail) as columns of ids.</summary>
public sealed class TripleList
{
    private readonly List<int> heads = [];
    private readonly List<int> relations = [];
    private readonly List<int> tails = [];

    /// <summary>The number of facts.</summary>
    public int Count => heads.Count;

    /// <summary>The head of each fact, an entity.</summary>
    public ReadOnlySpan<int> Heads => CollectionsMarshal.AsSpan(heads);

    /// <summary>The relation of each fact.</summary>
    public ReadOnlySpan<int> Relations => CollectionsMarshal.AsSpan(relations);

    /// <summary>The tail of each fact, an entity.</summary>
    public ReadOnlySpan<int> Tails => CollectionsMarshal.AsSpan(tails);

    /// <summary>Adds a fact.</summary>
    public void Add(int head, int relation, int tail)
    {
        heads.Add(head);
        relations.Add(relation);
        tails.Add(tail);
    }

    /// <summary>Adds the facts of another list.</summary>
    public void AddRange(TripleList other)
    {
        heads.AddRange(other.heads);
        relations.AddRange(other.relations);
        tails.AddRange(other.tails);
    }
}
