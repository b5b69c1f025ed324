using System.Collections.Immutable;
using Pigeon.Kernels;

namespace Pigeon.Models;

/// <summary>The options of an <see cref="EpiGnn"/>.</summary>
/// <param name="Facets">m: the number of probability vectors that make up a state.</param>
/// <param name="FacetWidth">d: the length of each.</param>
/// <param name="Pooling">How the messages that reach a node become one.</param>
/// <param name="Left">Which of the two is the left argument of the cross-entropy that scores a relation.</param>
/// <param name="Rounds">The number of message rounds; all share their weights.</param>
public sealed record EpiGnnOptions(int Facets, int FacetWidth, EpiGnnPooling Pooling, EpiGnnLeft Left = EpiGnnLeft.Relation, int Rounds = 9)
{
    private const int Largest = 1024;

    /// <summary>The options as text; the defaults are those of RCC-8.</summary>
    public static ImmutableArray<ModelOption> Named { get; } =
    [
        new("facets", OptionKind.Count, "4", "the probability vectors of a state"),
        new("facet_width", OptionKind.Count, "8", "the length of each"),
        ModelOption.Choice<EpiGnnPooling>("pooling", "how messages become one"),
        ModelOption.Choice<EpiGnnLeft>("left", "the left argument of the cross-entropy that scores a relation"),
        new("rounds", OptionKind.Count, "9", "the message rounds"),
    ];

    /// <summary>Reads options.</summary>
    /// <exception cref="PigeonException">PG0402: there is no such option. PG0403: it does not take this value.</exception>
    public static EpiGnnOptions Parse(IReadOnlyDictionary<string, string> set)
    {
        var options = new OptionSet("epignn", Named, set);
        return new(options.Count("facets"), options.Count("facet_width"), options.Choice<EpiGnnPooling>("pooling"),
            options.Choice<EpiGnnLeft>("left"), options.Count("rounds"));
    }

    /// <summary>The number of weights for a number of relations, <c>R·m·d + m·d·(d − 1)²</c>.</summary>
    public long ParameterCount(int relations) =>
        ((long)relations * Facets * FacetWidth) + ((long)Facets * FacetWidth * (FacetWidth - 1) * (FacetWidth - 1));

    /// <summary>Refuses what can't be.</summary>
    /// <exception cref="PigeonException">PG0404: a number is out of range.</exception>
    public void Check()
    {
        const int fewest = 2;
        if (Facets is < 1 or > Largest || FacetWidth is < fewest or > Largest || Rounds is < 1 or > Largest)
        {
            throw new PigeonException("PG0404", $"{Facets} facets of width {FacetWidth} and {Rounds} rounds can't be", "epignn",
                $"use 1 … {Largest} of each, and facets at least {fewest} wide");
        }
    }
}
