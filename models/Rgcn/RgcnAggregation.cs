namespace Pigeon.Models;

/// <summary>The coefficient c of an RGCN's messages.</summary>
public enum RgcnAggregation
{
    /// <summary>1 / the number of edges of the same type into the same node.</summary>
    Mean,

    /// <summary>1.</summary>
    Add,

    /// <summary>The input <c>norm</c>, one number for each edge.</summary>
    Norm,
}
