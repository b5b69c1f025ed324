using System.Collections.Immutable;
using Pigeon.Datasets;
using Pigeon.Runtime;

namespace Pigeon.Models.Tests;

/// <summary>A graph whose classes can be learned: a node's class is the group that it is a member of; other edges tell nothing.</summary>
internal static class LearnableGraph
{
    private const int Groups = 4;
    private const int Members = 90;

    public static GraphDataset Create(int seed = 1)
    {
        var random = new Random(seed);
        var edges = new List<(int Source, int Destination, int Type)>();
        int[] classes = [.. Enumerable.Range(0, Members).Select(_ => random.Next(Groups))];
        for (int v = 0; v < Members; v++)
        {
            edges.Add((classes[v], Groups + v, 0));
            if (v % 3 == 0)
            {
                edges.Add((Groups + random.Next(Members), Groups + v, 1));
            }
        }

        var graph = HeteroGraph.Create(Groups + Members, ["member", "noise"], [.. edges.Select(e => e.Source)],
            [.. edges.Select(e => e.Destination)], [.. edges.Select(e => e.Type)]).WithReverse();
        return new("learnable", graph, "generated") { Labels = new(["a", "b", "c", "d"], Split(0), LabelledNodes.None, Split(1)) };

        LabelledNodes Split(int parity)
        {
            int[] members = [.. Enumerable.Range(0, Members).Where(v => v % 2 == parity)];
            return LabelledNodes.Create([.. members.Select(v => Groups + v)], [.. members.Select(v => classes[v])]);
        }
    }

    public static Recipe RecipeFor(string model = "rgcn", int epochs = 12) => new()
    {
        Model = model,
        Dataset = "learnable",
        Set = model == "rgcn"
            ? ImmutableSortedDictionary.CreateRange([KeyValuePair.Create("featureless", "true"), new("layers", "2"), new("hidden", "8"),
                new("root_weight", "false")])
            : ImmutableSortedDictionary.CreateRange([KeyValuePair.Create("layers", "2"), new("hidden", "8")]),
        Task = new NodeClassificationSettings { Embedding = 8 },
        Epochs = epochs,
    };

    /// <summary>The bits of every tensor of a checkpoint.</summary>
    public static string[] BitsOf(string path)
    {
        using SafetensorsFile file = SafetensorsFile.Open(path);
        return [.. file.Tensors.Keys.Order(StringComparer.Ordinal).Select(Bits)];

        string Bits(string name)
        {
            using Tensor tensor = file.Read(name);
            return name + ":" + string.Join(',', tensor.Span.ToArray().Select(BitConverter.SingleToInt32Bits));
        }
    }
}
