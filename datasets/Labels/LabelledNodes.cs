using System.Collections.Immutable;
using Pigeon.Kernels;

namespace Pigeon.Datasets;

/// <summary>Some nodes and the class of each; no node occurs twice.</summary>
public sealed class LabelledNodes
{
    internal LabelledNodes(ImmutableArray<int> nodes, ImmutableArray<int> classes) => (Nodes, Classes) = (nodes, classes);

    /// <summary>No nodes.</summary>
    public static LabelledNodes None { get; } = new([], []);

    /// <summary>The nodes.</summary>
    public ImmutableArray<int> Nodes { get; }

    /// <summary>The class of each node.</summary>
    public ImmutableArray<int> Classes { get; }

    /// <summary>The number of nodes.</summary>
    public int Count => Nodes.Length;

    /// <summary>Checks the columns and keeps copies.</summary>
    /// <param name="nodes">The nodes.</param>
    /// <param name="classes">The class of each.</param>
    /// <exception cref="PigeonException">PG0309: columns of different length. PG0321: a node twice.</exception>
    public static LabelledNodes Create(ReadOnlySpan<int> nodes, ReadOnlySpan<int> classes)
    {
        Counts.RequireEqual(nodes.Length, classes.Length, "classes", "labels");
        var labels = new LabelList();
        for (int i = 0; i < nodes.Length; i++)
        {
            labels.Add(nodes[i], classes[i], $"label {i}");
        }

        return labels.ToLabels();
    }
}
