using Pigeon.Compiler;

namespace Pigeon.Models;

/// <summary>The options of <see cref="Rgcn"/>; defaults are those of PyG's <c>RGCNConv</c>.</summary>
public sealed record RgcnOptions : ModelOptions
{
    /// <summary>How messages are weighted.</summary>
    public RgcnAggregation Aggregation { get; init; } = RgcnAggregation.Mean;

    /// <summary>B in W_r = Σ_b a_rb V_b; null for a free W_r.</summary>
    public int? Bases { get; init; }

    /// <summary>The number of blocks on the diagonal of every W_r; null for a full W_r.</summary>
    public int? Blocks { get; init; }

    /// <summary>Whether a node's own row is added, times W_0.</summary>
    public bool RootWeight { get; init; } = true;

    /// <summary>Whether a bias is added.</summary>
    public bool Bias { get; init; } = true;

    /// <summary>
    /// The share of edges, self loops apart, that each training step leaves out of every layer, from 0 below 1; the others count for more.
    /// Above 0 the program has an input <c>seed</c>, see <see cref="Nn.EdgeDropout"/>.
    /// </summary>
    public double EdgeDropout { get; init; }

    /// <summary>
    /// Whether the first layer has no input: x is the identity, so a node's message is row <c>u</c> of W_r. <c>Widths[0]</c>
    /// is then not used.
    /// </summary>
    public bool Featureless { get; init; }

    private protected override bool UsesIn => !Featureless;

    /// <summary>The options of one layer.</summary>
    internal RgcnOptions Layer(int layer) => this with { Widths = WidthsOf(layer), Featureless = Featureless && layer == 0 };

    internal override void Check()
    {
        base.Check();
        Require(Bases is null or >= 1, "num_bases", $"{Bases} bases", "use at least 1");
        Require(Bases is null || Blocks is null, "num_bases", "a weight has bases or blocks, not both",
            "leave out num_bases or num_blocks");
        Require(EdgeDropout is >= 0 and < 1, "edge_dropout", $"a share of {EdgeDropout} can't be left out", "use 0 or more, and less than 1");
        if (Blocks is { } blocks)
        {
            Require(!Featureless, "num_blocks", "without features, weights are looked up and have no blocks", "leave out num_blocks");
            Require(blocks >= 1 && Widths.Items.All(width => width % blocks == 0), "num_blocks",
                $"{blocks} blocks don't divide the widths {string.Join(", ", Widths.Items)}", "use a common divisor of all widths");
        }
    }
}
