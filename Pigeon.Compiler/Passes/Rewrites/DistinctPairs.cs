using Pigeon.Kernels;

namespace Pigeon.Compiler;

/// <summary>What rewrites through distinct pairs have in common.</summary>
internal static class DistinctPairs
{
    /// <summary>Whether the pairs are the rows themselves, so that going through them changes nothing.</summary>
    public static bool AreRows(Map.Pair pair) => pair is { First: Map.Component first, Second: Map.Component second } &&
        first.Pairs == second.Pairs && first.Position != second.Position;
}
