using Pigeon.Compiler;

namespace Pigeon.Models;

/// <summary>The settings of <see cref="LinkPrediction"/>.</summary>
public sealed record LinkPredictionSettings : TaskSettings
{
    /// <summary>The width of the rows that are learned for each entity, of the model's output and of each relation's vector.</summary>
    public int Width { get; init; } = 128;

    /// <summary>
    /// How many questions a step answers. A fact asks two, for its tail and for its head; an epoch asks all of them once, in a new order,
    /// but for what does not fill a step.
    /// </summary>
    public int Batch { get; init; } = 8192;

    /// <summary>The entities that a step scores as wrong answers to all its questions, drawn anew; all of them where there are fewer.</summary>
    public int Negatives { get; init; } = 512;

    /// <summary>The share of the model's output that a step drops, from 0 below 1.</summary>
    public double Dropout { get; init; }

    /// <inheritdoc/>
    public override ITask Open(Recipe recipe, TaskData data, CompileOptions? compile = null) =>
        new LinkPrediction(data.OpenGraph(), recipe, compile);

    internal override string? Fault() =>
        Width is < 1 or > WidestRow || Negatives is < 1 or > WidestRow ? $"width and negatives are 1 … {WidestRow}"
        : Batch < 1 ? "a batch has at least one question"
        : Dropout is >= 0 and < 1 ? null : "the share to drop is in [0, 1)";
}
