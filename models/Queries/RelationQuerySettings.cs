using System.Collections.Immutable;
using Pigeon.Compiler;

namespace Pigeon.Models;

/// <summary>The settings of <see cref="RelationQueries"/>.</summary>
public sealed record RelationQuerySettings : TaskSettings
{
    private const int LargestBatch = 1 << 20;

    /// <summary>The number of questions of a step.</summary>
    public int Batch { get; init; } = 128;

    /// <summary>
    /// The relations' names, in the order of the weights. A recipe leaves them out; a checkpoint has them, so that it answers questions
    /// without the dataset that it was trained on.
    /// </summary>
    public ImmutableArray<string>? Relations { get; init; }

    /// <inheritdoc/>
    public override ITask Open(Recipe recipe, TaskData data, CompileOptions? compile = null) => RelationQueries.Open(recipe, data, compile);

    internal override string? Fault() => Batch is < 1 or > LargestBatch ? $"a batch has 1 … {LargestBatch} questions"
        : Relations is { } names && (names.IsDefault || names.Length < 2 || names.Distinct(StringComparer.Ordinal).Count() < names.Length)
            ? "its relations are fewer than two, or two have one name"
        : null;
}
