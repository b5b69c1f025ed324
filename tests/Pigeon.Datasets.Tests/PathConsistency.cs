namespace Pigeon.Datasets.Tests;

/// <summary>
/// The oracle of RCC-8: what may hold between any two nodes, narrowed by <c>C_ij ← C_ij ∩ C_ik ∘ C_kj</c> until nothing changes. Sets are
/// masks of eight bits.
/// </summary>
internal static class PathConsistency
{
    /// <summary>What may hold from the head of a question to its tail; 0 where its edges contradict each other.</summary>
    public static byte Entailed(RelationQuery query, IReadOnlyList<string> relations)
    {
        int n = query.NodeCount;
        byte[,] c = new byte[n, n];
        for (int i = 0; i < n; i++)
        {
            for (int j = 0; j < n; j++)
            {
                c[i, j] = i == j ? Rcc8.Equal : Rcc8.Any;
            }
        }

        for (int e = 0; e < query.Types.Length; e++)
        {
            byte relation = (byte)(1 << Rcc8.Names.IndexOf(relations[query.Types[e]]));
            c[query.Sources[e], query.Destinations[e]] &= relation;
            c[query.Destinations[e], query.Sources[e]] &= Rcc8.Converse(relation);
        }

        for (bool changed = true; changed;)
        {
            changed = false;
            for (int k = 0; k < n; k++)
            {
                for (int i = 0; i < n; i++)
                {
                    for (int j = 0; j < n; j++)
                    {
                        byte narrowed = (byte)(c[i, j] & Rcc8.Compose(c[i, k], c[k, j]));
                        changed |= narrowed != c[i, j];
                        c[i, j] = narrowed;
                    }
                }
            }
        }

        return c[query.Head, query.Tail];
    }
}
