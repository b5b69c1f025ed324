namespace Pigeon.Datasets;

/// <summary>The kinds of RDF term.</summary>
public enum RdfTermKind
{
    /// <summary>An IRI.</summary>
    Iri,

    /// <summary>A blank node; its label means something in its own file only.</summary>
    Blank,

    /// <summary>A literal.</summary>
    Literal,
}
