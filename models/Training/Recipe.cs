using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Pigeon.Compiler;
using Pigeon.Kernels;
using Pigeon.Runtime;

namespace Pigeon.Models;

/// <summary>All that a model is trained by, as data: <c>models/Recipes/NAME.json</c>.</summary>
public sealed record Recipe
{
    private const string Folder = "recipes/";
    private const string Narrow = "bf16";

    // By reflection: generated serialisers forget what properties that aren't given begin with.
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        RespectNullableAnnotations = true,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    /// <summary>The model's name in the <see cref="ModelCatalog"/>.</summary>
    public required string Model { get; init; }

    /// <summary>The dataset's name in the registry.</summary>
    public required string Dataset { get; init; }

    /// <summary>The model's options; <c>layers</c> and <c>hidden</c> are among them.</summary>
    public ImmutableSortedDictionary<string, string> Set { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>What the model is trained for; at first node classification.</summary>
    public TaskSettings Task { get; init; } = new NodeClassificationSettings();

    /// <summary>The number of epochs.</summary>
    public required int Epochs { get; init; }

    /// <summary>How weights follow their gradients.</summary>
    public Optimiser Optimiser { get; init; } = new Optimiser.Adam();

    /// <summary>The learning rate of each epoch.</summary>
    public LearningRate LearningRate { get; init; } = new LearningRate.Constant(0.01);

    /// <summary>
    /// The share of the train split that is set aside to validate, drawn with the seed, where the dataset sets none aside; 0 for none.
    /// </summary>
    public double Validation { get; init; }

    /// <summary>The number of epochs without a better validation metric after which training ends; null for never.</summary>
    public int? Patience { get; init; }

    /// <summary>How many seeds the reported figure is the mean of, from seed 0.</summary>
    public int Runs { get; init; } = 1;

    /// <summary>
    /// <c>bf16</c> to keep rows of features and of intermediate values in bfloat16 on the CPU; null for float32. Weights and the optimiser's state
    /// are float32 in any case.
    /// </summary>
    public string? Storage { get; init; }

    /// <summary>What <see cref="Storage"/> says, as an element type.</summary>
    [JsonIgnore]
    public ElementType Element => Storage is null ? ElementType.F32 : ElementType.BF16;

    /// <summary>The names of the recipes that come with Pigeon.</summary>
    public static ImmutableArray<string> Names { get; } =
    [
        .. typeof(Recipe).Assembly.GetManifestResourceNames().Where(name => name.StartsWith(Folder, StringComparison.Ordinal))
            .Select(name => name[Folder.Length..]).Order(StringComparer.Ordinal),
    ];

    /// <summary>Everything that decides what a run learns, but for its length: what a checkpoint is compared by.</summary>
    [JsonIgnore]
    public JsonObject Settings
    {
        get
        {
            JsonObject settings = JsonSerializer.SerializeToNode(this, Json)!.AsObject();
            settings.Remove("epochs");
            settings.Remove("runs");
            return settings;
        }
    }

    /// <summary>The recipe of this name.</summary>
    /// <exception cref="PigeonException">PG0450: there is none.</exception>
    public static Recipe Find(string name)
    {
        using Stream? stream = typeof(Recipe).Assembly.GetManifestResourceStream(Folder + name);
        return stream is null
            ? throw new PigeonException("PG0450", $"there is no recipe '{name}'", remedy: $"recipes: {string.Join(", ", Names)}")
            : Read(stream, name);
    }

    /// <summary>Reads a recipe from a file.</summary>
    /// <exception cref="PigeonException">PG0450: there is no such file. PG0451: it is not a recipe.</exception>
    public static Recipe Open(string path)
    {
        try
        {
            using FileStream stream = File.OpenRead(path);
            return Read(stream, path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new PigeonException(new("PG0450", "the recipe can't be read: " + e.Message, path), e);
        }
    }

    /// <summary>The recipe that a checkpoint was trained by.</summary>
    /// <param name="record">The checkpoint's record.</param>
    /// <exception cref="PigeonException">PG0451: its settings are not a recipe.</exception>
    public static Recipe Of(TrainingRecord record)
    {
        JsonObject settings = record.Identity.Settings.DeepClone().AsObject();
        settings["epochs"] = Math.Max(record.Epoch, 1);
        using var json = new MemoryStream(JsonSerializer.SerializeToUtf8Bytes(settings, Json));
        return Read(json, "checkpoint");
    }

    /// <summary>An element type as <see cref="Storage"/> names it.</summary>
    /// <exception cref="ArgumentException">There is no training in it.</exception>
    public static string? NameOf(ElementType element) => element switch
    {
        ElementType.F32 => null,
        ElementType.BF16 => Narrow,
        _ => throw new ArgumentException($"rows can't be kept in {element} while training", nameof(element)),
    };

    private static Recipe Read(Stream stream, string place)
    {
        try
        {
            Recipe? recipe = JsonSerializer.Deserialize<Recipe>(stream, Json);
            return recipe?.Fault() is { } fault ? throw Invalid(fault) : recipe ?? throw Invalid("it is null");
        }
        catch (JsonException e)
        {
            throw new PigeonException(Invalid(e.Message).Diagnostic, e);
        }

        PigeonException Invalid(string fault) => new("PG0451", $"it is not a recipe: {fault}", place, "see models/Recipes for examples");
    }

    private string? Fault() =>
        Epochs < 1 || Runs < 1 || Patience < 1 ? "epochs, runs and patience are at least 1"
        : Storage is not (null or Narrow) ? $"storage is {Narrow}, or left out"
        : Validation is >= 0 and < 1 ? Task.Fault() : "the share to validate by is in [0, 1)";
}
