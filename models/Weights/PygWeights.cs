using System.Collections.Immutable;
using Pigeon.Compiler;
using Pigeon.Runtime;

namespace Pigeon.Models;

/// <summary>
/// Reads the state dict of a PyG model layer by layer: what it tells of the options goes to the option set, the numbers go
/// under the program's names, in the program's order.
/// </summary>
internal abstract class PygWeights(OptionSet options, HeteroGraph graph)
{
    private readonly Dictionary<string, float[]> named = new(StringComparer.Ordinal);
    private readonly List<int> widths = [];
    private string target = "";

    /// <summary>The widths of the rows before and after each layer.</summary>
    public EquatableArray<int> Widths => [.. widths];

    /// <summary>The numbers by the names of the program's weights.</summary>
    public IReadOnlyDictionary<string, float[]> Named => named;

    /// <summary>The options that weights add to.</summary>
    protected OptionSet Options => options;

    /// <summary>The graph that the model is to run on.</summary>
    protected HeteroGraph Given => graph;

    /// <summary>The number of node types, which grows where the weights have more than the graph.</summary>
    protected int NodeTypes { get; set; } = graph.NodeTypes.Length;

    /// <summary>The number of edge types; <see cref="StateDict.Any"/> until a tensor has told it.</summary>
    protected long EdgeTypes { get; set; } = StateDict.Any;

    /// <summary>Whether the layer being read is the first.</summary>
    protected bool IsFirst => widths.Count == 0;

    /// <summary>The width of the layer's input; <see cref="StateDict.Any"/> for the first layer.</summary>
    protected long In => IsFirst ? StateDict.Any : widths[^1];

    /// <summary>Reads all layers.</summary>
    public void Read(SafetensorsFile file)
    {
        ImmutableArray<StateDict> layers = StateDict.Layers(file);
        foreach (StateDict layer in layers)
        {
            target = layers.Length == 1 ? "" : layer.Prefix;
            (long inWidth, long outWidth) = ReadLayer(layer);
            layer.RequireEmpty();
            if (IsFirst)
            {
                widths.Add(checked((int)inWidth));
            }

            widths.Add(checked((int)outWidth));
        }

        options.Infer("layers", layers.Length, layers[^1].Prefix + "*");
    }

    /// <summary>The graph, with as many types as the weights have.</summary>
    public HeteroGraph ExtendedGraph() => GraphTypes.Extend(graph, NodeTypes, checked((int)EdgeTypes));

    /// <summary>Takes the tensors of one layer.</summary>
    /// <returns>The widths of its input and its output.</returns>
    protected abstract (long In, long Out) ReadLayer(StateDict layer);

    /// <summary>Gives a weight of the layer being read its numbers.</summary>
    protected void Put(string name, float[] numbers) => named.Add(target + name, numbers);

    /// <summary>Takes a bias, where there is one.</summary>
    protected void TakeBias(StateDict layer, long width)
    {
        options.Infer("bias", layer.Has("bias"), layer.Prefix + "bias");
        if (layer.Has("bias"))
        {
            Put("bias", layer.Take("bias", ("out", width)).Numbers);
        }
    }
}
