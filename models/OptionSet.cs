using System.Collections.Immutable;
using System.Globalization;
using Pigeon.Compiler;
using Pigeon.Kernels;

namespace Pigeon.Models;

/// <summary>The options of one model: what was given, checked; defaults for the rest; and what weights add to it.</summary>
internal sealed class OptionSet
{
    private readonly ImmutableArray<ModelOption> options;
    private readonly Dictionary<string, string> values = new(StringComparer.Ordinal);

    /// <summary>Checks names and values.</summary>
    /// <exception cref="PigeonException">PG0402: the model has no such option. PG0403: it does not take this value.</exception>
    public OptionSet(IModel model, IReadOnlyDictionary<string, string> set)
        : this(model.Name, model.Options, set)
    {
    }

    /// <summary>Checks names and values of options of any kind.</summary>
    /// <exception cref="PigeonException">PG0402: there is no such option. PG0403: it does not take this value.</exception>
    public OptionSet(string model, ImmutableArray<ModelOption> options, IReadOnlyDictionary<string, string> set)
    {
        this.options = options;
        foreach ((string name, string value) in set)
        {
            ModelOption option = options.FirstOrDefault(o => o.Name == name) ??
                throw new PigeonException("PG0402", $"{model} has no option '{name}'",
                    remedy: $"options: {string.Join(", ", options.Select(o => o.Name))}");
            values[name] = option.Normalize(value);
        }
    }

    /// <summary>The options that every model has; they follow its own.</summary>
    public static IEnumerable<ModelOption> Shared { get; } =
    [
        new("layers", OptionKind.Count, "1", "the number of layers"),
        new("hidden", OptionKind.OptionalCount, "none", "the row width between layers; none for the output's"),
        ModelOption.Choice<Activation>("activation", "what stands between the layers"),
    ];

    public bool Flag(string name) => Text(name) == "true";

    public int Count(string name) => int.Parse(Text(name), CultureInfo.InvariantCulture);

    public int? OptionalCount(string name) => Text(name) == "none" ? null : Count(name);

    public double Number(string name) => double.Parse(Text(name), CultureInfo.InvariantCulture);

    public TEnum Choice<TEnum>(string name)
        where TEnum : struct, Enum => Enum.Parse<TEnum>(Text(name).Replace("-", "", StringComparison.Ordinal), ignoreCase: true);

    /// <summary>The widths that <c>layers</c> and <c>hidden</c> ask for between the model's two ends.</summary>
    public EquatableArray<int> Widths(int inWidth, int outWidth) =>
        [inWidth, .. Enumerable.Repeat(OptionalCount("hidden") ?? outWidth, Count("layers") - 1), outWidth];

    /// <summary>Takes over what weights say of an option. What was given, or read off another layer, must agree.</summary>
    /// <exception cref="PigeonException">PG0413: it does not.</exception>
    public void Infer(string name, string found, string tensor)
    {
        if (values.TryGetValue(name, out string? given) && given != found)
        {
            throw new PigeonException("PG0413", $"{name} is {given}, but the weights say {found}", $"tensor {tensor}",
                $"leave out {name}: it is read off the weights");
        }

        values[name] = found;
    }

    public void Infer(string name, bool found, string tensor) => Infer(name, found ? "true" : "false", tensor);

    public void Infer(string name, int? found, string tensor) =>
        Infer(name, found?.ToString(CultureInfo.InvariantCulture) ?? "none", tensor);

    private string Text(string name) =>
        values.TryGetValue(name, out string? value) ? value : options.First(o => o.Name == name).Default;
}
