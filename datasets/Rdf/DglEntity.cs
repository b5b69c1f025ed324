namespace Pigeon.Datasets;

/// <summary>A node by DGL's rules. One IRI may be several nodes, if its type depends on the statement.</summary>
/// <param name="Type">The node type; null while it is open.</param>
/// <param name="Id">The name within the type.</param>
internal readonly record struct DglEntity(string? Type, string Id)
{
    /// <summary>A literal; its datatype and language don't matter.</summary>
    public static DglEntity Literal(RdfTerm term) => new("_Literal", term.Value);
}
