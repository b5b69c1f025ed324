using System.Collections.Immutable;
using Pigeon.Kernels;

namespace Pigeon.Datasets;

/// <summary>Gathers the labels of one split.</summary>
internal sealed class LabelList
{
    private readonly HashSet<int> known = [];
    private readonly ImmutableArray<int>.Builder nodes = ImmutableArray.CreateBuilder<int>();
    private readonly ImmutableArray<int>.Builder classes = ImmutableArray.CreateBuilder<int>();

    /// <summary>Adds a node that has no label yet.</summary>
    /// <param name="node">The node.</param>
    /// <param name="class">Its class.</param>
    /// <param name="place">Where it says so, for the diagnostic.</param>
    /// <exception cref="PigeonException">PG0321: the node has one.</exception>
    public void Add(int node, int @class, string place)
    {
        if (!known.Add(node))
        {
            throw new PigeonException(DiagnosticIds.LabelledTwice, $"node {node} already has a label in this split", place,
                "keep one label a node");
        }

        nodes.Add(node);
        classes.Add(@class);
    }

    public LabelledNodes ToLabels() => new(nodes.DrainToImmutable(), classes.DrainToImmutable());
}
