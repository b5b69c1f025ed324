namespace Pigeon.Datasets;

/// <summary>How DGL (<c>python/dgl/data/rdf.py</c>) reads the terms of one dataset. Null means that the statement is dropped.</summary>
internal abstract class DglVocabulary
{
    /// <summary>The vocabulary of a dataset.</summary>
    public static DglVocabulary Of(RdfVocabulary vocabulary) => vocabulary switch
    {
        RdfVocabulary.Aifb => new AifbVocabulary(),
        RdfVocabulary.Mutag => new MutagVocabulary(),
        RdfVocabulary.Bgs => new BgsVocabulary(),
        RdfVocabulary.Am => new AmVocabulary(),
        _ => throw new ArgumentOutOfRangeException(nameof(vocabulary)),
    };

    /// <summary>The node that a subject or object stands for.</summary>
    public abstract DglEntity? Entity(RdfTerm term);

    /// <summary>The name of the relation that a predicate stands for.</summary>
    public abstract string? Relation(string predicate);

    /// <summary>Settles the types that the terms alone leave open.</summary>
    public virtual (DglEntity Subject, DglEntity Object) Settle(DglEntity subject, string predicate, string relation, DglEntity @object) =>
        (subject, @object);

    /// <summary>What follows the last slash.</summary>
    protected static string LastPart(string iri) => iri[(iri.LastIndexOf('/') + 1)..];
}
