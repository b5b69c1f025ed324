namespace Pigeon.Datasets;

/// <summary>The order of the columns in a file of triples.</summary>
public enum TripleOrder
{
    /// <summary>Head, relation, tail: the usual order.</summary>
    HeadRelationTail,

    /// <summary>Relation, head, tail: Kinship and Nations.</summary>
    RelationHeadTail,
}
