using System.Collections.Immutable;
using Pigeon.Kernels;

namespace Pigeon.Datasets;

/// <summary>
/// The counts that a generated graph has: exactly for nodes, edges and types, and as nearly as they allow for the ratios.
/// </summary>
public sealed class GraphShape
{
    /// <summary>What the shape is called.</summary>
    public required string Name { get; init; }

    /// <summary>What it stands for, and which of its numbers are estimates.</summary>
    public required string Description { get; init; }

    /// <summary>The node types.</summary>
    public required ImmutableArray<NodeTypeShape> NodeTypes { get; init; }

    /// <summary>The edge types, without reverse ones.</summary>
    public required ImmutableArray<RelationShape> Relations { get; init; }

    /// <summary>Distinct (relation, source) pairs per edge, before reverse edges are added.</summary>
    public required double SourceRatio { get; init; }

    /// <summary>Distinct (relation, destination) pairs per edge, before reverse edges are added.</summary>
    public required double DestinationRatio { get; init; }

    /// <summary>Whether every edge is also reversed; both ratios of the graph then are the mean of the two.</summary>
    public bool WithReverse { get; init; }

    /// <summary>The number of nodes.</summary>
    public int NodeCount => NodeTypes.Sum(type => type.Count);

    /// <summary>The number of edges, with the reverse ones.</summary>
    public int EdgeCount => (WithReverse ? 2 : 1) * Relations.Sum(relation => relation.Edges);

    /// <summary>The number of edge types, with the reverse ones.</summary>
    public int EdgeTypeCount => (WithReverse ? 2 : 1) * Relations.Length;

    /// <summary>U_src / E of the graph.</summary>
    public double GraphSourceRatio => WithReverse ? (SourceRatio + DestinationRatio) / 2 : SourceRatio;

    /// <summary>U_dst / E of the graph.</summary>
    public double GraphDestinationRatio => WithReverse ? (SourceRatio + DestinationRatio) / 2 : DestinationRatio;

    /// <summary>The same types with more or fewer nodes and edges; no type becomes empty.</summary>
    /// <param name="factor">Above 0; 0.1 gives a tenth of the nodes and of the edges.</param>
    /// <exception cref="PigeonException">PG0319: the factor is not positive, or there would be 2³¹ nodes or edges.</exception>
    public GraphShape Scale(double factor)
    {
        double largest = Math.Max(NodeCount, EdgeCount) * factor;
        if (!(factor > 0) || largest > Counts.LargestId)
        {
            throw new PigeonException(DiagnosticIds.InvalidShape,
                FormattableString.Invariant($"shape {Name} can't be scaled by {factor}"),
                remedy: "a scale is above 0 and keeps the graph below 2^31 nodes and edges");
        }

        return new()
        {
            Name = FormattableString.Invariant($"{Name}@{factor}"),
            Description = Description,
            NodeTypes = [.. NodeTypes.Select(type => type with { Count = Scaled(type.Count) })],
            Relations = [.. Relations.Select(relation => relation with { Edges = Scaled(relation.Edges) })],
            SourceRatio = SourceRatio,
            DestinationRatio = DestinationRatio,
            WithReverse = WithReverse,
        };

        int Scaled(int count) => Math.Max(1, (int)(count * factor + 0.5));
    }
}
