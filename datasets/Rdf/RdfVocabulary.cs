namespace Pigeon.Datasets;

/// <summary>The RDF datasets that DGL has rules for.</summary>
public enum RdfVocabulary
{
    /// <summary>Staff, publications and projects of the AIFB institute.</summary>
    Aifb,

    /// <summary>Molecules that may be carcinogenic.</summary>
    Mutag,

    /// <summary>Rocks of the British Geological Survey.</summary>
    Bgs,

    /// <summary>Artifacts of the Amsterdam Museum.</summary>
    Am,
}
