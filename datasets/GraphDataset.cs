using Pigeon.Runtime;

namespace Pigeon.Datasets;

/// <summary>A graph with a name and an origin.</summary>
/// <param name="Name">What the dataset is called, e.g. <c>aifb</c> or the name of the file it was read from.</param>
/// <param name="Graph">The graph.</param>
/// <param name="Provenance">One sentence: where the edges come from and by which rules they became a graph.</param>
/// <param name="NodeNames">The name of each node, or null where nodes have numbers only.</param>
public sealed record GraphDataset(string Name, HeteroGraph Graph, string Provenance, IReadOnlyList<string>? NodeNames = null)
{
    /// <summary>Classes of some nodes, or null where the dataset has none.</summary>
    public NodeLabels? Labels { get; init; }

    /// <summary>The facts to train, validate and test on, or null where there are none that the graph doesn't hold already.</summary>
    public TripleSplit? Splits { get; init; }
}
