namespace Pigeon.Datasets;

/// <summary>
/// An RDF term. Terms are equal as terms, not as texts: an IRI and a string of the same characters are two terms, and so are a
/// literal with a datatype and the same literal without one.
/// </summary>
/// <param name="Kind">What kind of term it is.</param>
/// <param name="Value">The IRI, the label of the blank node, or the text of the literal, unescaped.</param>
/// <param name="Datatype">The datatype's IRI of a literal that states one.</param>
/// <param name="Language">The language tag of a literal that states one, in lower case.</param>
public readonly record struct RdfTerm(RdfTermKind Kind, string Value, string? Datatype = null, string? Language = null)
{
    /// <summary>The term in N-Triples syntax, except that characters are not escaped.</summary>
    public override string ToString() => Kind switch
    {
        RdfTermKind.Iri => $"<{Value}>",
        RdfTermKind.Blank => $"_:{Value}",
        _ => $"\"{Value}\"{(Language is null ? "" : "@" + Language)}{(Datatype is null ? "" : $"^^<{Datatype}>")}",
    };

    /// <summary>Orders terms: IRIs, blank nodes, literals; then by text, datatype and language, ordinally.</summary>
    public static int Compare(RdfTerm left, RdfTerm right)
    {
        int order = left.Kind.CompareTo(right.Kind);
        order = order != 0 ? order : string.CompareOrdinal(left.Value, right.Value);
        order = order != 0 ? order : string.CompareOrdinal(left.Datatype, right.Datatype);
        return order != 0 ? order : string.CompareOrdinal(left.Language, right.Language);
    }
}
