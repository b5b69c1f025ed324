namespace Pigeon.Models;

/// <summary>The edges that RGAT's softmax runs over.</summary>
public enum RgatAttention
{
    /// <summary>All edges into a node.</summary>
    AcrossRelation,

    /// <summary>The edges of one type into a node.</summary>
    WithinRelation,
}
