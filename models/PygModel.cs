using System.Collections.Immutable;
using Pigeon.Compiler;
using Pigeon.Runtime;

namespace Pigeon.Models;

/// <summary>A model family of PyG: the way from options and weights to a program is the same for all.</summary>
internal abstract class PygModel : IModel
{
    public abstract string Name { get; }

    public abstract string Description { get; }

    public abstract ImmutableArray<ModelOption> Options { get; }

    public ModelProgram Create(IReadOnlyDictionary<string, string> set, int inWidth, int outWidth)
    {
        var options = new OptionSet(this, set);
        return Create(options, options.Widths(inWidth, outWidth));
    }

    public LoadedModel Load(SafetensorsFile file, HeteroGraph graph, IReadOnlyDictionary<string, string> set)
    {
        var options = new OptionSet(this, set);
        PygWeights weights = Weights(options, graph);
        weights.Read(file);
        return new(Create(options, weights.Widths), weights.Named, weights.ExtendedGraph());
    }

    /// <summary>The reader of the family's state dict.</summary>
    protected abstract PygWeights Weights(OptionSet options, HeteroGraph graph);

    /// <summary>Builds the program of checked options.</summary>
    /// <param name="set">The options.</param>
    /// <param name="widths">The widths of the rows before the first layer and after each.</param>
    protected abstract ModelProgram Create(OptionSet set, EquatableArray<int> widths);
}
