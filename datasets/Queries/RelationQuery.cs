using System.Collections.Immutable;

namespace Pigeon.Datasets;

/// <summary>A question about a small directed graph: which relation holds from one of its nodes to another?</summary>
/// <param name="NodeCount">The number of nodes.</param>
/// <param name="Sources">The source of each edge.</param>
/// <param name="Destinations">The destination of each edge.</param>
/// <param name="Types">The relation of each edge.</param>
/// <param name="Head">The node that is asked from.</param>
/// <param name="Tail">The node that is asked to; another one.</param>
/// <param name="Answer">The relation that holds.</param>
public sealed record RelationQuery(int NodeCount, ImmutableArray<int> Sources, ImmutableArray<int> Destinations, ImmutableArray<int> Types,
    int Head, int Tail, int Answer);
