using System.Collections.Immutable;
using Pigeon.Compiler;
using Pigeon.Runtime;

namespace Pigeon.Models;

/// <summary>RGAT by name.</summary>
internal sealed class RgatModel : PygModel
{
    public override string Name => "rgat";

    public override string Description => "relational graph attention (Busbridge et al. 2019): messages weighted by a softmax over a node's edges";

    public override ImmutableArray<ModelOption> Options { get; } =
    [
        new("heads", OptionKind.Count, "1", "the number of attention heads"),
        new("concat", OptionKind.Flag, "true", "heads are concatenated; else averaged"),
        ModelOption.Choice<RgatAttention>("attention_mechanism", "the softmax runs over all edges into a node, or over those of one type"),
        new("negative_slope", OptionKind.Number, "0.2", "the slope of the leaky ReLU below 0"),
        new("bias", OptionKind.Flag, "true", "a bias is added"),
        .. OptionSet.Shared,
    ];

    protected override PygWeights Weights(OptionSet options, HeteroGraph graph) => new RgatWeights(options, graph);

    protected override ModelProgram Create(OptionSet set, EquatableArray<int> widths)
    {
        var options = new RgatOptions
        {
            Widths = widths,
            Activation = set.Choice<Activation>("activation"),
            Heads = set.Count("heads"),
            Concat = set.Flag("concat"),
            Attention = set.Choice<RgatAttention>("attention_mechanism"),
            NegativeSlope = set.Number("negative_slope"),
            Bias = set.Flag("bias"),
        };
        return new(Name, Rgat.Build(options), options);
    }
}
