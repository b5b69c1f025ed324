namespace Pigeon.Datasets;

/// <summary>AIFB: <c>http://www.aifb.uni-karlsruhe.de/{type}/{view}/{id}</c>.</summary>
internal sealed class AifbVocabulary : DglVocabulary
{
    private const string Entities = "http://www.aifb.uni-karlsruhe.de/";
    private const string Relations = "http://swrc.ontoware.org/";

    public override DglEntity? Entity(RdfTerm term) => term.Kind switch
    {
        RdfTermKind.Literal => DglEntity.Literal(term),
        RdfTermKind.Iri when term.Value.StartsWith(Entities, StringComparison.Ordinal) &&
            term.Value.Split('/') is [_, _, _, var type, _, var id, ..] => new(type, id),
        _ => null,
    };

    /// <summary>The two relations that tell the label, a person's affiliation, are dropped.</summary>
    public override string? Relation(string predicate) => predicate switch
    {
        Relations + "ontology#employs" or Relations + "ontology#affiliation" => null,
        _ when predicate.StartsWith(Relations, StringComparison.Ordinal) => predicate.Split('/')[3],
        _ => LastPart(predicate),
    };
}
