using Pigeon.Compiler;

namespace Pigeon.Models;

/// <summary>The settings of <see cref="NodeClassification"/>.</summary>
public sealed record NodeClassificationSettings : TaskSettings
{
    /// <summary>
    /// The width of the rows that are learned for each node, where the model has an input; not used by a model without features.
    /// </summary>
    public int Embedding { get; init; } = 16;

    /// <summary>These rows begin uniform in ± this; null for ±√(6 / (nodes + width)) (Glorot and Bengio 2010).</summary>
    public double? EmbeddingBound { get; init; }

    /// <summary>
    /// The width of the model's output where a linear head turns it into classes, as wide layers want; null where the model's output are
    /// the classes.
    /// </summary>
    public int? Head { get; init; }

    /// <summary>
    /// The share of the numbers that each training step leaves out of the learned rows and of what enters the head (Srivastava et al.
    /// 2014); 0 for none.
    /// </summary>
    public double Dropout { get; init; }

    /// <summary>Whether a row of a rare class counts for more, so that all classes weigh the same.</summary>
    public bool BalanceClasses { get; init; }

    /// <inheritdoc/>
    public override ITask Open(Recipe recipe, TaskData data, CompileOptions? compile = null) =>
        new NodeClassification(data.OpenGraph(), recipe, compile);

    internal override string? Fault() =>
        Embedding is < 1 or > WidestRow || Head is < 1 or > WidestRow ? $"embedding and head are 1 … {WidestRow} wide"
        : EmbeddingBound is { } bound && !(bound > 0 && double.IsFinite(bound)) ? "the bound of the embedding is positive"
        : Dropout is >= 0 and < 1 ? null : "dropout is in [0, 1)";
}
