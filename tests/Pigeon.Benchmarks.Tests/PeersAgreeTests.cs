using Pigeon.Datasets;
using Pigeon.Kernels;
using Pigeon.Models;
using Pigeon.Runtime;
using Xunit;

namespace Pigeon.Benchmarks.Tests;

/// <summary>Every formulation in torch computes what Pigeon does: output, loss, gradients and new weights.</summary>
public class PeersAgreeTests
{
    private const int Width = 8;

    private static readonly ContestOptions Once = new(Rounds: 1, TimeSpan.Zero, MostTime: TimeSpan.Zero, LeastRuns: 1);

    [LibtorchFact]
    public void Rgcn_agrees() => Agree("rgcn", []);

    [LibtorchFact]
    public void Rgat_with_heads_agrees() => Agree("rgat", new() { ["heads"] = "2" });

    [LibtorchFact]
    public void Hgt_with_heads_agrees() => Agree("hgt", new() { ["heads"] = "2" });

    [LibtorchFact]
    public void The_epoch_of_a_node_classifier_agrees()
    {
        const int nodes = 40;
        HeteroGraph graph = RandomGraph(nodes, nodeTypes: 1);
        LabelledNodes train = LabelledNodes.Create([3, 5, 8, 13, 21], [0, 1, 2, 1, 0]);
        var dataset = new GraphDataset("random", graph, "random")
        {
            Labels = new(["a", "b", "c"], train, LabelledNodes.None, LabelledNodes.None),
        };

        Cell cell = Runner().RunEpoch("rgcn", new(dataset, Recipe.Find("rgcn-aifb")), dataset, withTorch: true);

        RequireAll(cell, 6);
    }

    [LibtorchFact]
    public void A_step_of_EpiGnn_agrees()
    {
        GraphBinding batch = ModelCatalog.FindOfTask("epignn")!.Batch(new Dictionary<string, string>(), "gen:rcc8", null, training: true);
        foreach (EpiGnnOptions options in (EpiGnnOptions[])
            [new(2, 4, EpiGnnPooling.Min, Rounds: 3), new(2, 4, EpiGnnPooling.Product, EpiGnnLeft.Prediction, Rounds: 3)])
        {
            RequireAll(Runner().RunQuestions("epignn", new(options, batch), "gen:rcc8", withTorch: true), 4);
        }
    }

    [LibtorchFact]
    public void A_peer_that_needs_too_much_memory_is_left_out_and_says_so()
    {
        var dataset = new GraphDataset("random", RandomGraph(40, nodeTypes: 3), "random");
        ModelProgram model = ModelCatalog.Find("rgcn").Create(new Dictionary<string, string>(), Width, Width);

        Cell cell = Runner(memoryLimit: 50_000).RunLayer("rgcn", model, dataset, new(dataset.Graph), training: false);

        CellPeer absent = Assert.Single(cell.Peers, p => p.Variant == "FastRGCNConv");
        Assert.Null(absent.CpuMs);
        Assert.StartsWith("out of memory", absent.Absent, StringComparison.Ordinal);
    }

    private static void Agree(string name, Dictionary<string, string> set)
    {
        var dataset = new GraphDataset("random", RandomGraph(60, nodeTypes: 3), "random");
        ModelProgram model = ModelCatalog.Find(name).Create(set, Width, Width);
        var graph = new TorchGraph(dataset.Graph);
        foreach (bool training in (bool[])[false, true])
        {
            RequireAll(Runner().RunLayer(name, model, dataset, graph, training), 2 + FormulationCatalog.Of(model).Count);
        }
    }

    /// <summary>
    /// Agreement is checked before times are taken; here all peers must have got so far. A peer may agree to the last bit, which depends
    /// on the vectors of the machine; not all of them do.
    /// </summary>
    private static void RequireAll(Cell cell, int peers)
    {
        Assert.Equal(peers, cell.Peers.Count);
        Assert.All(cell.Peers, peer => Assert.InRange(peer.RelativeError!.Value, 0, 1e-3));
        Assert.Contains(cell.Peers, peer => peer.RelativeError > 0);
    }

    private static CellRunner Runner(long memoryLimit = long.MaxValue) =>
        new(Once, memoryLimit, threads: 1, Enum.GetValues<PeerKind>(), variants: [], _ => { });

    /// <summary>Node types alternate; relation 2 has no edge; node 0 has no in-edge; some edges occur twice.</summary>
    private static HeteroGraph RandomGraph(int nodes, int nodeTypes)
    {
        const int relations = 5;
        const int empty = 2;
        const int edges = 150;
        var random = new Random(7);
        var ends = new List<(int Source, int Destination, int Type)>();
        while (ends.Count < edges)
        {
            (int source, int destination, int type) = (random.Next(nodes), 1 + random.Next(nodes - 1), random.Next(relations));
            if (type != empty && source % nodeTypes == type % nodeTypes && destination % nodeTypes == (type + 1) % nodeTypes)
            {
                ends.Add((source, destination, type));
            }
        }

        ends.AddRange(ends[..10]);
        return HeteroGraph.Create([.. Enumerable.Range(0, nodeTypes).Select(t => $"t{t}")],
            [.. Enumerable.Range(0, relations).Select(r => new EdgeType($"r{r}", -1, -1))],
            [.. Enumerable.Range(0, nodes).Select(v => v % nodeTypes)],
            [.. ends.Select(e => e.Source)], [.. ends.Select(e => e.Destination)], [.. ends.Select(e => e.Type)]);
    }
}
