namespace Pigeon.Datasets;

/// <summary>AM: <c>http://purl.org/collections/nl/am/{type}-{id}</c>; literals are dropped, blank nodes are kept.</summary>
internal sealed class AmVocabulary : DglVocabulary
{
    private const string Prefix = "http://purl.org/collections/nl/am/";

    public override DglEntity? Entity(RdfTerm term) => term.Kind switch
    {
        RdfTermKind.Blank => new("_BNode", term.Value),
        RdfTermKind.Iri when term.Value.StartsWith(Prefix, StringComparison.Ordinal) =>
            LastPart(term.Value).Split('-') is [var type, var id] ? new(type, id) : new("TYPE", LastPart(term.Value)),
        _ => null,
    };

    /// <summary>The relations that tell the label, an object's category and its material, are dropped.</summary>
    public override string? Relation(string predicate) => predicate switch
    {
        Prefix + "objectCategory" or Prefix + "material" => null,
        _ when predicate.StartsWith(Prefix, StringComparison.Ordinal) => LastPart(predicate),
        _ => predicate.Replace('.', '_'),
    };
}
