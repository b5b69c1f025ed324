using Pigeon.Compiler;
using Pigeon.Kernels;
using Pigeon.Runtime;
using Xunit;

namespace Pigeon.Models.Tests;

public sealed class LoadedWeightsTests
{
    private const ulong Seed = 5;

    [Theory]
    [InlineData("rgcn", "num_bases", "2")]
    [InlineData("rgcn", "num_blocks", "2")]
    [InlineData("rgat", "heads", "2")]
    public void Several_layers_are_read_by_their_prefixes(string model, string option, string value)
    {
        HeteroGraph graph = RandomGraph.Create((0, 1, 0), (1, 2, 1));
        var set = new Dictionary<string, string> { [option] = value, ["layers"] = "3", ["hidden"] = "4" };
        Program program = ModelCatalog.Find(model).Create(set, 6, 2).Program;
        var weights = RandomWeights.Create(program, graph.Binding, Seed);
        LoadedModel loaded = StateFile.Load(model, Shaped(program, weights, graph), graph);
        Assert.Equal($"{program}", $"{loaded.Model.Program}");
        Assert.Equal(weights.OrderBy(w => w.Key), loaded.Weights.OrderBy(w => w.Key));
    }

    [Theory]
    [InlineData("none")]
    [InlineData("2")]
    public void Featureless_weights_are_looked_up_by_node(string bases)
    {
        HeteroGraph graph = RandomGraph.Create((0, 1, 0), (1, 2, 1), (2, 2, 1));
        (string, string)[] set = [("aggr", "add")];
        var x = new Dictionary<string, float[]> { ["x"] = [1, 0, 0, 0, 1, 0, 0, 0, 1] };
        LoadedModel dense = StateFile.Load("rgcn", State(), graph, set);
        LoadedModel featureless = StateFile.Load("rgcn", State(), graph, [.. set, ("featureless", "true")]);
        Assert.Equal(Reference.Run(dense.Model.Program, graph, dense.Weights, x),
            Reference.Run(featureless.Model.Program, graph, featureless.Weights));

        Dictionary<string, Tensor> State() => new()
        {
            ["weight"] = Tensor.RandomIntegers([2, 3, 5], Seed, -9, 9),
            ["root"] = Tensor.RandomIntegers([3, 5], Seed, -9, 9),
            [bases == "none" ? "bias" : "comp"] = Tensor.RandomIntegers(bases == "none" ? [5] : [2, 2], Seed, -9, 9),
        };
    }

    [Theory]
    [InlineData("rgcn_mean")]
    [InlineData("rgat_one_head")]
    [InlineData("hgt_homogeneous")]
    public void Edge_types_that_only_the_weights_know_are_added_to_the_graph(string fixture)
    {
        var given = new OracleCase(fixture);
        HeteroGraph all = given.Graph;
        int[] kept = [.. Enumerable.Range(0, all.EdgeCount).Where(e => all.EdgeTypeOf[e] == 0)];
        HeteroGraph smaller = HeteroGraph.Create(all.NodeTypes, [all.EdgeTypes[0]], all.NodeType,
            [.. kept.Select(e => all.Source[e])], [.. kept.Select(e => all.Destination[e])], new int[kept.Length]);
        LoadedModel loaded = StateFile.Load(given, _ => { }, smaller);
        Assert.Equal(all.EdgeTypes.Length, loaded.Graph.EdgeTypes.Length);
        Assert.Equal(smaller.Source, loaded.Graph.Source);
        Assert.Equal(smaller.Destination, loaded.Graph.Destination);
        Dictionary<string, float[]> x = new() { ["x"] = given.X };
        Assert.NotEmpty(Reference.Run(loaded.Model.Program, loaded.Graph, loaded.Weights, x));
    }

    [Fact]
    public void A_graph_that_has_all_types_stays_the_same_object()
    {
        var given = new OracleCase("hgt_heterogeneous");
        Assert.Same(given.Graph, StateFile.Load(given, _ => { }).Graph);
    }

    [Fact]
    public void The_ends_of_an_edge_type_without_edges_are_read_off_hgt_weights()
    {
        var given = new OracleCase("hgt_heterogeneous");
        HeteroGraph none = HeteroGraph.Create(given.Graph.NodeTypes, [.. given.Graph.EdgeTypes.Select(type => new EdgeType(type.Name))],
            given.Graph.NodeType, [], [], []);
        LoadedModel loaded = StateFile.Load(given, tensors => tensors["p_rel.2__2__2"] = Tensor.From([1, 2, 3, 4], 1, 4), none);
        Assert.Equal([1f, 2, 3, 4], loaded.Weights["p_rel"][8..12]);
    }

    [Fact]
    public void Node_types_that_only_the_weights_know_are_added_to_the_graph()
    {
        var given = new OracleCase("hgt_homogeneous");
        LoadedModel loaded = StateFile.Load(given, tensors =>
        {
            bool IsOfType0(string name) => name.Contains(".lins.0.", StringComparison.Ordinal) || name == "skip.0";
            foreach (string name in tensors.Keys.Where(IsOfType0).ToArray())
            {
                tensors.Add(name.Replace('0', '1'), Tensor.Zeros(tensors[name].Shape));
            }
        });
        Assert.Equal<string>(["0", "1"], loaded.Graph.NodeTypes.ToArray());
        var x = new Dictionary<string, float[]> { ["x"] = given.X };
        Assert.InRange(Reference.RelativeError(
            Reference.Run(loaded.Model.Program, loaded.Graph, loaded.Weights, x), Reference.Wide(given.Y)), 0, 1e-6);
    }

    /// <summary>Tensors as PyG keeps them: without the first axis where there is one slice for all.</summary>
    private static Dictionary<string, Tensor> Shaped(Program program, IReadOnlyDictionary<string, float[]> weights, HeteroGraph graph) =>
        program.Values.OfType<Operator.Weight>().ToDictionary(weight => weight.Name, weight =>
        {
            long[] row = [.. weight.Type.Row.Extents.Select(extent => (long)extent)];
            long slices = graph.Binding.SizeOf(weight.Type.Space);
            return Tensor.From(weights[weight.Name], weight.Type.Space is IndexSpace.OneSpace ? [.. row] : [slices, .. row]);
        });
}
