using System.Collections.Immutable;
using Pigeon.Compiler;
using Pigeon.Runtime;

namespace Pigeon.Models;

/// <summary>RGCN by name.</summary>
internal sealed class RgcnModel : PygModel
{
    public override string Name => "rgcn";

    public override string Description => "relational graph convolution (Schlichtkrull et al. 2018): a weight for each relation, averaged messages";

    public override ImmutableArray<ModelOption> Options { get; } =
    [
        ModelOption.Choice<RgcnAggregation>("aggr", "messages averaged per relation, added, or weighted by the input norm"),
        new("num_bases", OptionKind.OptionalCount, "none", "relations share this many basis weights"),
        new("num_blocks", OptionKind.OptionalCount, "none", "weights are block-diagonal with this many blocks"),
        new("root_weight", OptionKind.Flag, "true", "a node's own row is added, times a weight of its own"),
        new("bias", OptionKind.Flag, "true", "a bias is added"),
        new("featureless", OptionKind.Flag, "false", "there is no input: every node has its own row of every weight"),
        new("edge_dropout", OptionKind.Number, "0", "the share of edges that a training step leaves out; the program gets an input seed"),
        .. OptionSet.Shared,
    ];

    protected override PygWeights Weights(OptionSet options, HeteroGraph graph) => new RgcnWeights(options, graph);

    protected override ModelProgram Create(OptionSet set, EquatableArray<int> widths)
    {
        var options = new RgcnOptions
        {
            Widths = widths,
            Activation = set.Choice<Activation>("activation"),
            Aggregation = set.Choice<RgcnAggregation>("aggr"),
            Bases = set.OptionalCount("num_bases"),
            Blocks = set.OptionalCount("num_blocks"),
            RootWeight = set.Flag("root_weight"),
            Bias = set.Flag("bias"),
            Featureless = set.Flag("featureless"),
            EdgeDropout = set.Number("edge_dropout"),
        };
        return new(Name, Rgcn.Build(options), options);
    }
}
