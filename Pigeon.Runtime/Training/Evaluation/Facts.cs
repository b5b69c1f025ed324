using System.Collections.Immutable;
using Pigeon.Kernels;

namespace Pigeon.Runtime;

/// <summary>Facts of a knowledge graph: head, relation and tail, each a column of ids.</summary>
public sealed class Facts
{
    /// <summary>Keeps the columns.</summary>
    /// <param name="heads">The head of each fact, an entity.</param>
    /// <param name="relations">The relation of each fact.</param>
    /// <param name="tails">The tail of each fact, an entity.</param>
    /// <exception cref="PigeonException">PG0230: columns of different length.</exception>
    public Facts(ImmutableArray<int> heads, ImmutableArray<int> relations, ImmutableArray<int> tails)
    {
        if (heads.Length != relations.Length || heads.Length != tails.Length)
        {
            throw new PigeonException("PG0230", $"{heads.Length} heads, {relations.Length} relations and {tails.Length} tails",
                remedy: "give as many of each");
        }

        Heads = heads;
        Relations = relations;
        Tails = tails;
    }

    /// <summary>The head of each fact.</summary>
    public ImmutableArray<int> Heads { get; }

    /// <summary>The relation of each fact.</summary>
    public ImmutableArray<int> Relations { get; }

    /// <summary>The tail of each fact.</summary>
    public ImmutableArray<int> Tails { get; }

    /// <summary>The number of facts.</summary>
    public int Count => Heads.Length;

    /// <summary>Refuses facts about entities or relations that there are not.</summary>
    /// <exception cref="PigeonException">PG0231.</exception>
    internal void Require(int entities, int relations)
    {
        RequireIds(Heads, entities, "head");
        RequireIds(Relations, relations, "relation");
        RequireIds(Tails, entities, "tail");
    }

    private static void RequireIds(ImmutableArray<int> ids, int limit, string what)
    {
        for (int i = 0; i < ids.Length; i++)
        {
            if ((uint)ids[i] >= (uint)limit)
            {
                throw new PigeonException("PG0231", $"fact {i}: {what} {ids[i]} is not in 0 … {limit - 1}",
                    remedy: "use facts and counts of the same knowledge graph");
            }
        }
    }
}
