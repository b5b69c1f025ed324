using System.Collections.Immutable;
using Pigeon.Compiler;
using Pigeon.Runtime;

namespace Pigeon.Models;

/// <summary>HGT by name.</summary>
internal sealed class HgtModel : PygModel
{
    public override string Name => "hgt";

    public override string Description =>
        "heterogeneous graph transformer (Hu et al. 2020): attention by edge type between keys and queries by node type";

    public override ImmutableArray<ModelOption> Options { get; } =
    [
        new("heads", OptionKind.Count, "1", "the number of attention heads"),
        .. OptionSet.Shared,
    ];

    protected override PygWeights Weights(OptionSet options, HeteroGraph graph) => new HgtWeights(options, graph);

    protected override ModelProgram Create(OptionSet set, EquatableArray<int> widths)
    {
        var options = new HgtOptions
        {
            Widths = widths,
            Activation = set.Choice<Activation>("activation"),
            Heads = set.Count("heads"),
        };
        return new(Name, Hgt.Build(options), options);
    }
}
