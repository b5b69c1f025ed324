namespace Pigeon.Datasets;

/// <summary>The splits of a knowledge graph.</summary>
[Flags]
public enum TripleSplits
{
    /// <summary>The facts to learn from.</summary>
    Train = 1,

    /// <summary>The facts to choose a model by.</summary>
    Valid = 2,

    /// <summary>The facts to report.</summary>
    Test = 4,

    /// <summary>All facts, as DGL's FB15k-237 has them.</summary>
    All = Train | Valid | Test,
}
