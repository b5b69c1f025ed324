using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using Pigeon.Kernels;

namespace Pigeon.Runtime;

/// <summary>How far a training run has come: the JSON of a checkpoint, beside its tensors.</summary>
public sealed record TrainingRecord
{
    /// <summary>The format that this version writes and reads.</summary>
    public const int CurrentFormat = 2;

    private const int HashDigits = 64;

    /// <summary>The format of the record.</summary>
    public int Format { get; init; } = CurrentFormat;

    /// <summary>What this is a run of.</summary>
    public required TrainingIdentity Identity { get; init; }

    /// <summary>The number of epochs done.</summary>
    public int Epoch { get; init; }

    /// <summary>The number of steps done.</summary>
    public long Step { get; init; }

    /// <summary>The best validation metric so far, and how long ago it was.</summary>
    public required EarlyStopping Stopping { get; init; }

    /// <summary>The best validation metric so far; null where there is none.</summary>
    [JsonIgnore]
    public double? Best => Stopping.Best;

    /// <summary>The epoch that reached the best metric; 0 where there is none.</summary>
    [JsonIgnore]
    public int BestEpoch => Stopping.BestAt + 1;

    /// <summary>Every epoch done.</summary>
    public ImmutableArray<EpochReport> History { get; init; } = [];

    /// <summary>The record after one more epoch.</summary>
    /// <param name="report">The epoch.</param>
    /// <param name="steps">The number of its steps.</param>
    public TrainingRecord After(EpochReport report, int steps) => this with
    {
        Epoch = report.Epoch,
        Step = Step + steps,
        Stopping = report.Validation is { } metric ? Stopping.After(metric) : Stopping,
        History = History.Add(report),
    };

    /// <summary>The record as JSON.</summary>
    internal string ToJson() => JsonSerializer.Serialize(this, TrainingRecordJson.Default.TrainingRecord);

    /// <summary>Reads a record that nobody has checked yet.</summary>
    /// <exception cref="PigeonException">PG0251: it isn't a record, or contradicts itself.</exception>
    internal static TrainingRecord Parse(string json, string path)
    {
        try
        {
            TrainingRecord? record = JsonSerializer.Deserialize(json, TrainingRecordJson.Default.TrainingRecord);
            return record?.Fault() is { } fault ? throw Invalid(fault) : record ?? throw Invalid("it is null");
        }
        catch (JsonException e)
        {
            throw new PigeonException(Invalid(e.Message).Diagnostic, e);
        }

        PigeonException Invalid(string fault) =>
            new("PG0251", $"its training record can't be used: {fault}", path, "name a checkpoint that this version of Pigeon wrote");
    }

    private string? Fault()
    {
        if (Format != CurrentFormat)
        {
            return $"format {Format}, but this version reads {CurrentFormat}";
        }

        return !IsHash(Identity.Program) || !IsHash(Identity.DatasetHash) ? "a hash isn't 64 hexadecimal digits"
            : Identity.Threads < 1 ? $"{Identity.Threads} threads can't be"
            : Epoch < 0 || Step < Epoch || History.IsDefault || History.Length != Epoch
                ? $"{Epoch} epochs, {Step} steps and a history don't agree"
            : History.Select((report, i) => report?.Epoch == i + 1).Contains(false) ? "the history leaves out an epoch"
            : Stopping != Replayed() ? "the state of early stopping isn't what the history leads to"
            : null;
    }

    private EarlyStopping Replayed() => History.Aggregate(Stopping with { Seen = 0, Best = null, BestAt = -1 },
        (state, report) => report.Validation is { } metric ? state.After(metric) : state);

    private static bool IsHash(string text) => text.Length == HashDigits && text.All(char.IsAsciiHexDigitUpper);
}

/// <summary>The record's serialiser.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(TrainingRecord))]
internal sealed partial class TrainingRecordJson : JsonSerializerContext;
