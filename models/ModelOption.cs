using System.Collections.Immutable;
using System.Globalization;
using Pigeon.Kernels;

namespace Pigeon.Models;

/// <summary>An option of a model, as text: what <c>--set name=value</c> takes.</summary>
/// <param name="Name">The name, PyG's where PyG has the option.</param>
/// <param name="Kind">The values that it takes.</param>
/// <param name="Default">The value where none is given.</param>
/// <param name="Meaning">One line.</param>
public sealed record ModelOption(string Name, OptionKind Kind, string Default, string Meaning)
{
    private const int Largest = 1 << 20;

    /// <summary>The words of a <see cref="OptionKind.Choice"/>, the default first.</summary>
    public ImmutableArray<string> Choices { get; private init; } = [];

    /// <summary>The values that the option takes, as text.</summary>
    public string Values => Kind switch
    {
        OptionKind.Flag => "true or false",
        OptionKind.Count => $"1 … {Largest}",
        OptionKind.OptionalCount => $"1 … {Largest} or none",
        OptionKind.Number => "a finite number",
        _ => string.Join(" or ", Choices),
    };

    /// <summary>An option that is one of the words of an enumeration: <c>WithinRelation</c> is <c>within-relation</c>.</summary>
    internal static ModelOption Choice<TEnum>(string name, string meaning)
        where TEnum : struct, Enum
    {
        ImmutableArray<string> words = [.. Enum.GetNames<TEnum>().Select(Word)];
        return new(name, OptionKind.Choice, words[0], meaning) { Choices = words };
    }

    /// <summary>The one spelling of a value.</summary>
    /// <exception cref="PigeonException">PG0403: the option does not take this value.</exception>
    internal string Normalize(string value) => Kind switch
    {
        OptionKind.Flag when bool.TryParse(value, out bool flag) => flag ? "true" : "false",
        OptionKind.Count or OptionKind.OptionalCount when TryCount(value, out int count) => count.ToString(CultureInfo.InvariantCulture),
        OptionKind.OptionalCount when value.Equals("none", StringComparison.OrdinalIgnoreCase) => "none",
        OptionKind.Number when double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) &&
            double.IsFinite(number) => number.ToString("R", CultureInfo.InvariantCulture),
        OptionKind.Choice when Choices.Contains(value) => value,
        _ => throw new PigeonException("PG0403", $"the value is '{value}'", Name, $"use {Values}"),
    };

    private static bool TryCount(string value, out int count) =>
        int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out count) && count is >= 1 and <= Largest;

    private static string Word(string name) =>
        string.Concat(name.Select((c, i) => (char.IsAsciiLetterUpper(c) && i > 0 ? "-" : "") + char.ToLowerInvariant(c)));
}
