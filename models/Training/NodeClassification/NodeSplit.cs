using System.Collections.Immutable;
using Pigeon.Datasets;
using Pigeon.Kernels;
using Pigeon.Runtime;

namespace Pigeon.Models;

/// <summary>The nodes that one run learns from and is validated by.</summary>
/// <param name="Train">The nodes to learn from.</param>
/// <param name="Valid">The nodes to choose an epoch by; may be empty.</param>
internal sealed record NodeSplit(LabelledNodes Train, LabelledNodes Valid)
{
    /// <summary>The labels' own split; where they set no nodes aside, a share of the train nodes is drawn with the seed.</summary>
    /// <exception cref="PigeonException">PG0453: no nodes are left to learn from.</exception>
    public static NodeSplit Of(NodeLabels labels, double validation, ulong seed)
    {
        int aside = labels.Valid.Count > 0 ? 0 : (int)Math.Round(labels.Train.Count * validation);
        if (labels.Train.Count - aside == 0)
        {
            throw new PigeonException("PG0453", "no labelled nodes are left to learn from", "train split",
                "use a dataset with train labels, and set a smaller share aside");
        }

        if (aside == 0)
        {
            return new(labels.Train, labels.Valid);
        }

        // A random key for each node; the order of the keys, and by it the split, is the same on every machine.
        using Tensor random = Tensor.Random([labels.Train.Count], seed);
        float[] keys = random.Span.ToArray();
        int[] order = [.. Enumerable.Range(0, keys.Length).OrderBy(i => keys[i])];
        return new(Choose(order[aside..]), Choose(order[..aside]));

        LabelledNodes Choose(int[] rows)
        {
            ImmutableArray<int> sorted = [.. rows.Order()];
            return LabelledNodes.Create([.. sorted.Select(i => labels.Train.Nodes[i])], [.. sorted.Select(i => labels.Train.Classes[i])]);
        }
    }
}
