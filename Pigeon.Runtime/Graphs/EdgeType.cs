namespace Pigeon.Runtime;

/// <summary>An edge type of a <see cref="HeteroGraph"/>.</summary>
/// <param name="Name">The relation's name; unique together with the end types.</param>
/// <param name="SourceType">The node type every source has, or -1 where sources of several types occur.</param>
/// <param name="DestinationType">The node type every destination has, or -1 where several occur.</param>
public sealed record EdgeType(string Name, int SourceType = -1, int DestinationType = -1)
{
    /// <summary>Whether the type joins one pair of node types, so that (source type, name, destination type) names it.</summary>
    public bool IsCanonical => SourceType >= 0 && DestinationType >= 0;
}
