namespace Pigeon.Datasets;

/// <summary>Where a dataset has its labels.</summary>
/// <param name="Train">The file of the train split.</param>
/// <param name="Test">The file of the test split.</param>
/// <param name="Node">The column with the IRI of the node.</param>
/// <param name="Class">The column with its class.</param>
internal sealed record RdfLabelLayout(string Train, string Test, string Node, string Class)
{
    public static RdfLabelLayout Of(RdfVocabulary vocabulary) => vocabulary switch
    {
        RdfVocabulary.Aifb => new("trainingSet.tsv", "testSet.tsv", "person", "label_affiliation"),
        RdfVocabulary.Mutag => new("trainingSet.tsv", "testSet.tsv", "bond", "label_mutagenic"),
        RdfVocabulary.Bgs => new("trainingSet(lith).tsv", "testSet(lith).tsv", "rock", "label_lithogenesis"),

        // The name of AM's column is misspelt in the files.
        RdfVocabulary.Am => new("trainingSet.tsv", "testSet.tsv", "proxy", "label_cateogory"),
        _ => throw new ArgumentOutOfRangeException(nameof(vocabulary)),
    };
}
