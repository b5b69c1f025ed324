using Pigeon.Compiler;

namespace Pigeon.Models;

/// <summary>
/// The options of <see cref="Hgt"/>; defaults are those of PyG's <c>HGTConv</c>. Widths count all heads, as PyG's
/// <c>out_channels</c> does.
/// </summary>
public sealed record HgtOptions : ModelOptions
{
    /// <summary>The number of attention heads.</summary>
    public int Heads { get; init; } = 1;

    /// <summary>
    /// Where node types differ in width, the width of each: the model then has the inputs <c>x_0</c>, <c>x_1</c>, …, one for
    /// each node type, and <c>Widths[0]</c> is not used. Empty for one input <c>x</c>.
    /// </summary>
    public EquatableArray<int> InputWidths { get; init; } = [];

    /// <summary>The width of one head of the last layer.</summary>
    public int HeadWidth => Out / Heads;

    private protected override bool UsesIn => InputWidths.Count == 0;

    /// <summary>The options of one layer.</summary>
    internal HgtOptions Layer(int layer) => this with { Widths = WidthsOf(layer), InputWidths = layer == 0 ? InputWidths : [] };

    internal override void Check()
    {
        base.Check();
        Require(Heads >= 1, "heads", $"{Heads} heads", "use at least 1");
        Require(Widths.Items[1..].All(width => width % Heads == 0), "heads",
            $"{Heads} heads don't divide the widths {string.Join(", ", Widths.Items[1..])}", "use a divisor of the output width");
        Require(InputWidths.Items.All(width => width >= 1), "input widths", "a row has at least one number",
            "give every node type a width");
    }
}
