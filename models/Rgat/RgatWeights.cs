using Pigeon.Runtime;

namespace Pigeon.Models;

/// <summary>
/// <c>RGATConv</c>: <c>weight [R, in, H·d]</c>, <c>q</c> and <c>k</c> <c>[H·d, H]</c>, <c>bias</c> <c>[H·d]</c> or, with
/// averaged heads, <c>[d]</c>. <c>w</c>, <c>l1</c>, <c>b1</c>, <c>l2</c> and <c>b2</c> are in every state dict, and used only
/// with <c>mod</c>.
/// </summary>
internal sealed class RgatWeights(OptionSet options, HeteroGraph graph) : PygWeights(options, graph)
{
    protected override (long In, long Out) ReadLayer(StateDict layer)
    {
        StateTensor weight = layer.Take("weight", ("relations", EdgeTypes), ("in", In), ("heads · width", StateDict.Any));
        long all = weight.Shape[2];
        StateTensor q = layer.Take("q", ("heads · width", all), ("heads", StateDict.Any));
        long heads = q.Shape[1];
        if (all % heads != 0)
        {
            throw layer.WrongShape("q", $"[heads · width = {all}, heads] with a number of heads that divides {all}");
        }

        EdgeTypes = weight.Shape[0];
        Options.Infer("heads", (int)heads, layer.Prefix + "q");
        Put("weight", weight.Numbers);
        Put("q", q.Numbers);
        Put("k", layer.Take("k", ("heads · width", all), ("heads", heads)).Numbers);
        layer.Skip("w", "l1", "b1", "l2", "b2");

        // The bias tells whether heads are concatenated: it has the width of the output.
        bool isAveraged = heads > 1 && layer.LengthOf("bias") == all / heads;
        if (isAveraged || (heads > 1 && layer.LengthOf("bias") == all))
        {
            Options.Infer("concat", !isAveraged, layer.Prefix + "bias");
        }

        long outWidth = Options.Flag("concat") ? all : all / heads;
        TakeBias(layer, outWidth);
        return (weight.Shape[1], outWidth);
    }
}
