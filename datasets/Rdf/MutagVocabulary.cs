namespace Pigeon.Datasets;

/// <summary>MUTAG: <c>http://dl-learner.org/carcinogenesis#{id}</c>; the id, or else the statement, tells the type.</summary>
internal sealed class MutagVocabulary : DglVocabulary
{
    private const string Prefix = "http://dl-learner.org/carcinogenesis#";
    private const string Schema = "SCHEMA";

    public override DglEntity? Entity(RdfTerm term) => term.Kind switch
    {
        RdfTermKind.Literal => DglEntity.Literal(term),
        RdfTermKind.Iri when IsOwn(term.Value) => new(Type(term.Value[Prefix.Length..]), term.Value[Prefix.Length..]),
        _ => null,
    };

    /// <summary>The relation that tells the label is dropped.</summary>
    public override string? Relation(string predicate) =>
        predicate == Prefix + "isMutagenic" ? null : IsOwn(predicate) ? predicate[Prefix.Length..] : LastPart(predicate);

    public override (DglEntity Subject, DglEntity Object) Settle(DglEntity subject, string predicate, string relation, DglEntity @object) =>
        IsOwn(predicate)
            ? (subject, @object with { Type = @object.Type ?? relation })
            : (subject with { Type = subject.Type ?? Schema }, @object with { Type = Schema });

    private static bool IsOwn(string iri) => iri.StartsWith(Prefix, StringComparison.Ordinal);

    private static string? Type(string id) => id switch
    {
        ['d', >= '0' and <= '9', ..] => "d",
        ['b', 'o', 'n', 'd', >= '0' and <= '9', ..] => "bond",
        _ => null,
    };
}
