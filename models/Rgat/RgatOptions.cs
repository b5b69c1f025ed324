namespace Pigeon.Models;

/// <summary>
/// The options of <see cref="Rgat"/>; defaults are those of PyG's <c>RGATConv</c>. Widths count all heads that are
/// concatenated: PyG's <c>out_channels</c> is <see cref="HeadWidth"/>.
/// </summary>
public sealed record RgatOptions : ModelOptions
{
    /// <summary>The number of attention heads.</summary>
    public int Heads { get; init; } = 1;

    /// <summary>Whether heads are concatenated; else they are averaged.</summary>
    public bool Concat { get; init; } = true;

    /// <summary>The edges that the softmax runs over.</summary>
    public RgatAttention Attention { get; init; } = RgatAttention.AcrossRelation;

    /// <summary>The slope of the leaky ReLU below 0.</summary>
    public double NegativeSlope { get; init; } = 0.2;

    /// <summary>Whether a bias is added.</summary>
    public bool Bias { get; init; } = true;

    /// <summary>The width of one head of the last layer.</summary>
    public int HeadWidth => Concat ? Out / Heads : Out;

    /// <summary>The options of one layer.</summary>
    internal RgatOptions Layer(int layer) => this with { Widths = WidthsOf(layer) };

    internal override void Check()
    {
        base.Check();
        Require(Heads >= 1, "heads", $"{Heads} heads", "use at least 1");
        Require(!Concat || Widths.Items[1..].All(width => width % Heads == 0), "heads",
            $"{Heads} heads don't divide the widths {string.Join(", ", Widths.Items[1..])}",
            "use a divisor of the output width, or concat=false");
        Require(double.IsFinite(NegativeSlope), "negative_slope", $"the slope is {NegativeSlope}", "use a finite number");
    }
}
