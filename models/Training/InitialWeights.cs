using System.Collections.Immutable;
using Pigeon.Compiler;
using Pigeon.Kernels;
using Pigeon.Runtime;

namespace Pigeon.Models;

/// <summary>
/// The weights that training begins with, distributed as PyG's: <c>RGCNConv</c> and <c>RGATConv</c> by Glorot and Bengio (2010),
/// uniform in ±√(6 / (fan_in + fan_out)), biases 0; <c>HGTConv</c>'s linear maps and their biases uniform in ±1/√fan_in (PyTorch's
/// Linear), with <c>skip</c> and <c>p_rel</c> 1. They depend on the seed, the weight's name and its size only.
/// </summary>
internal static class InitialWeights
{
    /// <summary>Gives an executable weights that are uniform in ± a bound of each.</summary>
    /// <param name="executable">An executable of a training step; its weights are linked.</param>
    /// <param name="bounds">The bound of each weight by its name.</param>
    /// <param name="seed">The seed.</param>
    public static void Set(IExecutable executable, IReadOnlyDictionary<string, double> bounds, ulong seed)
    {
        foreach ((string name, double bound) in bounds)
        {
            using Tensor tensor = Tensor.Random(executable.Argument(name).Shape, RandomWeights.Mixed(seed, name), (float)bound);
            executable.Set(name, tensor);
        }
    }

    /// <summary>Gives an executable its first weights.</summary>
    /// <param name="executable">An executable of a training step of <paramref name="program"/>; its weights are linked.</param>
    /// <param name="program">The forward program.</param>
    /// <param name="model">The model's name.</param>
    /// <param name="graph">The graph.</param>
    /// <param name="seed">The seed.</param>
    /// <param name="embeddingBound">The rows that are learned for nodes begin uniform in ± this; null for Glorot's bound.</param>
    public static void Set(IExecutable executable, Program program, string model, GraphBinding graph, ulong seed,
        double? embeddingBound = null)
    {
        Operator.Weight[] weights = [.. program.Values.OfType<Operator.Weight>()];
        foreach (Operator.Weight weight in weights)
        {
            ImmutableArray<long> shape = [graph.SizeOf(weight.Type.Space), .. weight.Type.Row.Extents.Items.Select(extent => (long)extent)];
            (double centre, double bound) = Distribution(weight, weights, model, graph, embeddingBound);
            using Tensor tensor = Tensor.Random(shape, RandomWeights.Mixed(seed, weight.Name), (float)bound);
            if (centre != 0)
            {
                tensor.Span.Fill((float)centre);
            }

            executable.Set(weight.Name, tensor);
        }
    }

    /// <summary>A constant, or uniform in ± the bound.</summary>
    private static (double Constant, double Bound) Distribution(
        Operator.Weight weight, Operator.Weight[] all, string model, GraphBinding graph,
        double? embeddingBound)
    {
        Shape row = weight.Type.Row;
        string prefix = weight.Name[..(weight.Name.StartsWith("layer", StringComparison.Ordinal) ? weight.Name.IndexOf('.') + 1 : 0)];
        return weight.Name[prefix.Length..] switch
        {
            "skip" or "p_rel" => (1, 0),
            "kqv_lin.bias" or "out_lin.bias" => (0, Kaiming(all.Single(w => w.Name == weight.Name.Replace("bias", "weight")).Type.Row[^2])),
            "bias" or "head.bias" => (0, 0),
            LinkPredictionProgram.Relation => (0, Glorot(graph.SizeOf(weight.Type.Space), row[^1])),
            NodeClassificationProgram.Embedding when embeddingBound is { } bound => (0, bound),
            "comp" => (0, Glorot(graph.SizeOf(weight.Type.Space), row[^1])),

            // A row that stands for a node, of a layer without features or of the embedding: fan in is the number of nodes.
            _ when weight.Type.Space == HeteroSchema.Nodes || weight.Type.Space is IndexSpace.Product or IndexSpace.Distinct =>
                (0, Glorot(graph.SizeOf(HeteroSchema.Nodes), row[^1])),
            _ when model == "hgt" => (0, Kaiming(row[^2])),
            _ => (0, Glorot(row[^2], row[^1])),
        };
    }

    /// <summary>The bound of Glorot and Bengio, <c>√(6 / (fan_in + fan_out))</c>.</summary>
    public static double Glorot(long fanIn, long fanOut) => Math.Sqrt(6.0 / (fanIn + fanOut));

    private static double Kaiming(int fanIn) => 1 / Math.Sqrt(fanIn);
}
