using Pigeon.Runtime;

namespace Pigeon.Models;

/// <summary>
/// <c>RGCNConv</c>: <c>weight [R, in, out]</c>, or <c>weight [B, in, out]</c> and <c>comp [R, B]</c>, or <c>weight
/// [R, B, in/B, out/B]</c>; <c>root [in, out]</c>; <c>bias [out]</c>. Without features, in is the number of nodes.
/// </summary>
internal sealed class RgcnWeights(OptionSet options, HeteroGraph graph) : PygWeights(options, graph)
{
    protected override (long In, long Out) ReadLayer(StateDict layer)
    {
        bool featureless = IsFirst && Options.Flag("featureless");
        (string, long) inAxis = featureless ? ("nodes", Given.NodeCount) : ("in", In);
        (long inWidth, long outWidth) =
            layer.Has("comp") ? ReadBases(layer, inAxis, featureless) :
            layer.RankOf("weight") == 4 && !featureless ? ReadBlocks(layer) : ReadFull(layer, inAxis);
        Options.Infer("root_weight", layer.Has("root"), layer.Prefix + "root");
        if (layer.Has("root"))
        {
            Put("root", layer.Take("root", ("in", inWidth), ("out", outWidth)).Numbers);
        }

        TakeBias(layer, outWidth);
        return (inWidth, outWidth);
    }

    private (long In, long Out) ReadBases(StateDict layer, (string, long) inAxis, bool featureless)
    {
        StateTensor comp = layer.Take("comp", ("relations", EdgeTypes), ("bases", StateDict.Any));
        long bases = comp.Shape[1];
        StateTensor weight = layer.Take("weight", ("bases", bases), inAxis, ("out", StateDict.Any));
        Infer(layer, comp.Shape[0], bases: (int)bases, blocks: null);
        Put("comp", comp.Numbers);

        // Without features the program keeps a node's rows together: Nodes[B, out].
        Put("weight", featureless ? Layout.SwapOuter(weight.Numbers, (int)bases, (int)weight.Shape[1]) : weight.Numbers);
        return (weight.Shape[1], weight.Shape[2]);
    }

    private (long In, long Out) ReadBlocks(StateDict layer)
    {
        StateTensor weight = layer.Take("weight", ("relations", EdgeTypes), ("blocks", StateDict.Any), ("in / blocks", StateDict.Any),
            ("out / blocks", StateDict.Any));
        (long blocks, long inWidth) = (weight.Shape[1], weight.Shape[1] * weight.Shape[2]);
        if (In != StateDict.Any && In != inWidth)
        {
            throw layer.WrongShape("weight", $"[relations, blocks, in / blocks, out / blocks] with in = {In}");
        }

        Infer(layer, weight.Shape[0], bases: null, blocks: (int)blocks);
        Put("weight", weight.Numbers);
        return (inWidth, blocks * weight.Shape[3]);
    }

    private (long In, long Out) ReadFull(StateDict layer, (string, long) inAxis)
    {
        StateTensor weight = layer.Take("weight", ("relations", EdgeTypes), inAxis, ("out", StateDict.Any));
        Infer(layer, weight.Shape[0], bases: null, blocks: null);
        Put("weight", weight.Numbers);
        return (weight.Shape[1], weight.Shape[2]);
    }

    private void Infer(StateDict layer, long relations, int? bases, int? blocks)
    {
        EdgeTypes = relations;
        Options.Infer("num_bases", bases, layer.Prefix + "comp");
        Options.Infer("num_blocks", blocks, layer.Prefix + "weight");
    }
}
