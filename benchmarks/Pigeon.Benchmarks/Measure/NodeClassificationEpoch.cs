using Pigeon.Compiler;
using Pigeon.Datasets;
using Pigeon.Kernels;
using Pigeon.Models;
using static Pigeon.Kernels.HeteroSchema;
using static TorchSharp.torch;

namespace Pigeon.Benchmarks;

/// <summary>
/// An epoch of a recipe that trains a featureless RGCN of two layers to classify nodes: forward, cross-entropy on the train nodes,
/// backward and Adam, on the whole graph.
/// </summary>
internal sealed class NodeClassificationEpoch
{
    private const string TrainSpace = "Train";
    private const string TrainMap = "train";

    private readonly GraphDataset dataset;
    private readonly RgcnOptions options;
    private readonly LabelledNodes train;

    /// <summary>Takes the recipe's model to the dataset's labels.</summary>
    public NodeClassificationEpoch(GraphDataset dataset, Recipe recipe)
    {
        NodeLabels labels = dataset.Labels ?? throw new ArgumentException($"{dataset.Name} has no labels", nameof(dataset));
        this.dataset = dataset;
        train = labels.Train;
        ModelProgram model = ModelCatalog.Find(recipe.Model).Create(recipe.Set, inWidth: 1, labels.ClassNames.Length);
        options = model.Options is RgcnOptions { Featureless: true, Layers: 2, Bases: null } rgcn
            ? rgcn
            : throw new ArgumentException("a featureless RGCN of two layers without bases is expected", nameof(recipe));
        Workload = Create(model, labels.ClassNames.Length);
    }

    /// <summary>What the peers run.</summary>
    public Workload Workload { get; }

    /// <summary>The ways to write it in torch that are wanted, by kind and name.</summary>
    public IEnumerable<Peer> TorchPeers(Func<PeerKind, string, bool> wants)
    {
        var graph = new TorchGraph(dataset.Graph);
        Tensor rows = TorchGraph.Long([.. train.Nodes]);
        Tensor classes = TorchGraph.Long([.. train.Classes]);
        (PeerKind Kind, string Name, Func<Parameters, RgcnOptions, string, bool, Layer> Layer)[] all =
        [
            (PeerKind.TorchStock, "FastRGCNConv", (p, o, prefix, _) => new RgcnWeightPerEdge(graph, o, p, prefix)),
            (PeerKind.TorchStock, "RGCNConv", (p, o, prefix, _) => new RgcnRelationLoop(graph, o, p, prefix)),
            (PeerKind.TorchByHand, "sparse products", (p, o, prefix, first) =>
                first ? new RgcnRows(graph, o, p, prefix, usedOnly: false) : new RgcnCompact(graph, o, p, prefix)),
            (PeerKind.TorchByHand, "used rows only", (p, o, prefix, first) =>
                first ? new RgcnRows(graph, o, p, prefix, usedOnly: true) : new RgcnCompact(graph, o, p, prefix)),
        ];
        return all.Where(way => wants(way.Kind, way.Name)).Select(way => new TorchPeer(way.Kind, way.Name, Workload, graph,
            p => [way.Layer(p, LayerOptions(0), "layer0.", true), way.Layer(p, LayerOptions(1), "layer1.", false)],
            y => nn.functional.cross_entropy(y.index_select(0, rows), classes)));
    }

    private RgcnOptions LayerOptions(int layer) =>
        options with { Widths = [options.Widths[layer], options.Widths[layer + 1]], Featureless = layer == 0 };

    private Workload Create(ModelProgram model, int classCount)
    {
        var p = new ProgramBuilder(model.Program.Name);
        Program kept = CompactTables.Run(model.Program);
        Value[] values = [.. kept.Values.Select(p.Add)];
        Value logits = values[kept.Outputs.Single(o => o.Name == Workload.Output).Value];
        var space = new IndexSpace.Declared(TrainSpace);
        Value rows = logits.At(new Map.Stored(TrainMap, space, Nodes));
        p.Return(Workload.Loss, Losses.CrossEntropy(rows, p.Input("targets", space, classCount), p.Input("row_weights", space, 1)));
        GraphBinding graph = dataset.Graph.Binding.With(new Dictionary<string, int> { [TrainSpace] = train.Count },
            new Dictionary<string, int[]> { [TrainMap] = [.. train.Nodes] });
        float[] targets = new float[train.Count * classCount];
        for (int i = 0; i < train.Count; i++)
        {
            targets[(i * classCount) + train.Classes[i]] = 1;
        }

        return new(model.Program, graph, TrainingStep.Create(p.Build(), Workload.Loss, Workload.Adam), new Dictionary<string, float[]>(
        [
            .. RandomWeights.Create(model.Program, graph, 1),
            new("targets", targets),
            new("row_weights", [.. Enumerable.Repeat(1f, train.Count)]),
        ]))
        {
            KeptRows = kept.Values.OfType<Operator.Weight>().Where(weight => weight.Type.Space == SourcePair.To)
                .ToDictionary(weight => weight.Name, _ => RowsOfPairs()),
        };
    }

    /// <summary>For each distinct pair of relation and source, its row of the table of all.</summary>
    private int[] RowsOfPairs()
    {
        ReadOnlySpan<int> pairs = dataset.Graph.Binding.Resolve(SourcePair).Values;
        ReadOnlySpan<int> rows = dataset.Graph.Binding.Resolve(new Map.Index(EType, Src)).Values;
        int[] ofPair = new int[dataset.Graph.Binding.SizeOf(SourcePair.To)];
        for (int edge = 0; edge < pairs.Length; edge++)
        {
            ofPair[pairs[edge]] = rows[edge];
        }

        return ofPair;
    }
}
