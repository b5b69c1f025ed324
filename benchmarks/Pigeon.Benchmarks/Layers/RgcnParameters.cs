using Pigeon.Models;
using static TorchSharp.torch;

namespace Pigeon.Benchmarks;

/// <summary>The parameters of an RGCN layer, as PyG keeps them.</summary>
internal sealed class RgcnParameters
{
    private readonly Tensor rows;
    private readonly long[] shape;

    /// <summary>Asks for them.</summary>
    /// <exception cref="ArgumentException">The layer has no features, and nodes are not in the order of the weights' rows.</exception>
    public RgcnParameters(TorchGraph graph, RgcnOptions options, Parameters parameters, string prefix)
    {
        if (options.Featureless && graph.NodeOrder.Where((node, row) => node != row).Any())
        {
            throw new ArgumentException("without features, nodes of one type are expected", nameof(graph));
        }

        rows = parameters.Whole(prefix + "weight");
        shape = [graph.Relations, options.Featureless ? graph.Nodes : options.In, options.Out];
        Root = parameters.Whole(prefix + "root", oneType: !options.Featureless);
        Bias = parameters.Whole(prefix + "bias", oneType: true);
    }

    /// <summary><c>[relations, in, out]</c>; without features, in is the number of nodes.</summary>
    public Tensor Weight => rows.view(shape);

    /// <summary><c>[in, out]</c>.</summary>
    public Tensor Root { get; }

    /// <summary><c>[out]</c>.</summary>
    public Tensor Bias { get; }
}
