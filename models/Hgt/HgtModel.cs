using System.Collections.Immutable;
using Pigeon.Compiler;
using Pigeon.Runtime;

namespace Pigeon.Models;

/// <summary>HGT by name.</summary>
internal sealed class HgtModel : IModel
{
    public string Name => "hgt";

    public string Description =>
        "heterogeneous graph transformer (Hu et al. 2020): attention by edge type between keys and queries by node type";

    public ImmutableArray<ModelOption> Options { get; } =
    [
        new("heads", OptionKind.Count, "1", "the number of attention heads"),
        .. OptionSet.Shared,
    ];

    public ModelProgram Create(IReadOnlyDictionary<string, string> set, int inWidth, int outWidth)
    {
        var options = new OptionSet(this, set);
        return Create(options, options.Widths(inWidth, outWidth));
    }

    public LoadedModel Load(SafetensorsFile file, HeteroGraph graph, IReadOnlyDictionary<string, string> set)
    {
        var options = new OptionSet(this, set);
        var weights = new HgtWeights(options, graph);
        weights.Read(file);
        return new(Create(options, weights.Widths), weights.Named, weights.ExtendedGraph());
    }

    private ModelProgram Create(OptionSet set, EquatableArray<int> widths)
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
