namespace Pigeon.Datasets;

/// <summary>BGS: <c>http://data.bgs.ac.uk/{ref|id}/{concept}/{sub-concept}/{id}</c>; literals are dropped.</summary>
internal sealed class BgsVocabulary : DglVocabulary
{
    private const string Entities = "http://data.bgs.ac.uk/";
    private const string Relations = Entities + "ref";
    private const string Status = Relations + "/CurrentStatus";

    public override DglEntity? Entity(RdfTerm term) =>
        term.Kind == RdfTermKind.Iri && term.Value.StartsWith(Entities, StringComparison.Ordinal) &&
        !term.Value.StartsWith(Status, StringComparison.Ordinal) &&
        term.Value.Split('/') is [_, _, _, _, var concept, var sub, var id]
            ? new($"{concept}/{sub}", id)
            : null;

    /// <summary>The relation that tells the label, lithogenesis, is dropped.</summary>
    public override string? Relation(string predicate) =>
        predicate == Relations + "/Lexicon/hasLithogenesis" ? null
        : !predicate.StartsWith(Relations, StringComparison.Ordinal) ? predicate.Replace('.', '_')
        : predicate.Split('/') is [_, _, _, _, var concept, var name, ..] ? $"{concept}/{name}"
        : null;
}
