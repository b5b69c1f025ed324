using System.Collections.Immutable;
using Pigeon.Kernels;

namespace Pigeon.Models;

/// <summary>The options of a <see cref="Tpgn"/>.</summary>
/// <param name="Length">L: the steps of history, a multiple of the period.</param>
/// <param name="Horizon">The steps to forecast, a multiple of the period.</param>
/// <param name="Width">d: the width of hidden rows.</param>
/// <param name="Marks">T: the calendar features of a step.</param>
/// <param name="Period">P: the steps of a day.</param>
/// <param name="Normalise">Whether each window is brought to mean 0 and deviation 1 by its own history.</param>
public sealed record TpgnOptions(int Length, int Horizon, int Width, int Marks = 4, int Period = 24, bool Normalise = true)
{
    private const int Largest = 1 << 16;

    /// <summary>The options as text; the defaults are those of ETTh1 at 168.</summary>
    public static ImmutableArray<ModelOption> Named { get; } =
    [
        new("length", OptionKind.Count, "168", "the steps of history"),
        new("horizon", OptionKind.Count, "168", "the steps to forecast"),
        new("width", OptionKind.Count, "2", "the width of hidden rows"),
        new("normalise", OptionKind.Flag, "true", "each window is brought to mean 0 and deviation 1"),
    ];

    /// <summary>Reads options for hourly steps.</summary>
    /// <exception cref="PigeonException">PG0402: there is no such option. PG0403: it does not take this value.</exception>
    public static TpgnOptions Parse(IReadOnlyDictionary<string, string> set)
    {
        var options = new OptionSet("tpgn", Named, set);
        return new(options.Count("length"), options.Count("horizon"), options.Count("width"), Normalise: options.Flag("normalise"));
    }

    /// <summary>R: the days of history.</summary>
    public int Rows => Length / Period;

    /// <summary>The days to forecast.</summary>
    public int Days => Horizon / Period;

    /// <summary>I: the width of a cell.</summary>
    public int CellWidth => 1 + Marks;

    /// <summary>The number of weights.</summary>
    public long ParameterCount
    {
        get
        {
            long d = Width;
            return (d * ((CellWidth * (Rows - 1)) + 1)) + (2 * d * (CellWidth + d + 1)) + (2 * d * ((d * Rows) + 1)) +
                (d * ((CellWidth * Period) + 1)) + (Days * ((2 * d) + 1));
        }
    }

    /// <summary>Refuses what can't be.</summary>
    /// <exception cref="PigeonException">PG0404: a number is out of range, or no multiple of the period.</exception>
    public void Check()
    {
        const int fewestRows = 2;
        if (Period is < 1 or > Largest || Length % Period != 0 || Horizon % Period != 0 || Rows < fewestRows || Days < 1 ||
            Length > Largest || Horizon > Largest || Width is < 1 or > Largest || Marks is < 1 or > Largest)
        {
            throw new PigeonException("PG0404", $"a history of {Length} and a horizon of {Horizon} steps, {Width} wide, can't be", "tpgn",
                $"use multiples of the period {Period}, at least two of it in the history, and widths of at least 1");
        }
    }
}
