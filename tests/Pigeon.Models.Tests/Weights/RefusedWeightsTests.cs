using Pigeon.Kernels;
using Pigeon.Runtime;
using Xunit;

namespace Pigeon.Models.Tests;

public sealed class RefusedWeightsTests
{
    [Theory]
    [InlineData("rgcn_mean", "weight")]
    [InlineData("rgcn_bases", "weight")]
    [InlineData("rgat_one_head", "weight")]
    [InlineData("rgat_one_head", "q")]
    [InlineData("rgat_one_head", "k")]
    [InlineData("hgt_heterogeneous", "kqv_lin.lins.0.weight")]
    [InlineData("hgt_heterogeneous", "kqv_lin.lins.2.weight")]
    [InlineData("hgt_heterogeneous", "kqv_lin.lins.1.bias")]
    [InlineData("hgt_heterogeneous", "out_lin.lins.0.weight")]
    [InlineData("hgt_heterogeneous", "out_lin.lins.2.bias")]
    [InlineData("hgt_heterogeneous", "k_rel.weight")]
    [InlineData("hgt_heterogeneous", "v_rel.weight")]
    [InlineData("hgt_heterogeneous", "skip.1")]
    [InlineData("hgt_heterogeneous", "p_rel.2__4__1")]
    public void A_missing_tensor_is_named(string fixture, string name) =>
        Refuses("PG0410", $"tensor {name}", fixture, tensors => tensors.Remove(name));

    [Theory]
    [InlineData("rgcn_mean", "att")]
    [InlineData("rgcn_mean", "layer1.weight")]
    [InlineData("rgat_one_head", "lin_edge.weight")]
    [InlineData("hgt_heterogeneous", "skip.3")]
    [InlineData("hgt_heterogeneous", "p_rel.0__5__1")]
    [InlineData("hgt_homogeneous", "p_rel.1__0__0")]
    public void An_extra_tensor_is_named(string fixture, string name) =>
        Refuses("PG0411", $"tensor {name}", fixture, tensors => tensors.Add(name, Tensor.Zeros(1)));

    [Theory]
    [InlineData("rgcn_mean", "weight", new long[] { 4, 8 })]
    [InlineData("rgcn_mean", "root", new long[] { 8, 7 })]
    [InlineData("rgcn_mean", "bias", new long[] { 8, 1 })]
    [InlineData("rgcn_bases", "comp", new long[] { 21 })]
    [InlineData("rgcn_bases", "weight", new long[] { 3, 1, 6, 4 })]
    [InlineData("rgat_concat_four_heads", "q", new long[] { 16, 3 })]
    [InlineData("rgat_concat_four_heads", "k", new long[] { 16, 2 })]
    [InlineData("rgat_concat_four_heads", "bias", new long[] { 5 })]
    [InlineData("rgat_concat_four_heads", "weight", new long[] { 0, 8, 16 })]
    [InlineData("hgt_heterogeneous", "kqv_lin.lins.0.weight", new long[] { 25, 8 })]
    [InlineData("hgt_heterogeneous", "kqv_lin.lins.1.weight", new long[] { 24, 9 })]
    [InlineData("hgt_heterogeneous", "k_rel.weight", new long[] { 21, 2, 2 })]
    [InlineData("hgt_heterogeneous", "k_rel.weight", new long[] { 20, 2, 3 })]
    [InlineData("hgt_heterogeneous", "v_rel.weight", new long[] { 24, 2, 2 })]
    [InlineData("hgt_heterogeneous", "out_lin.lins.2.weight", new long[] { 8, 4 })]
    [InlineData("hgt_heterogeneous", "p_rel.0__0__1", new long[] { 1, 2 })]
    [InlineData("hgt_heterogeneous", "skip.0", new long[] { 2 })]
    public void A_tensor_of_wrong_shape_is_named_with_its_shape_and_the_right_one(string fixture, string name, long[] shape)
    {
        Diagnostic refusal = Refuses("PG0412", $"tensor {name}", fixture, tensors => tensors[name] = Tensor.Zeros([.. shape]));
        Assert.Contains($"is [{string.Join(", ", shape)}]; expected is [", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("rgcn_bases", "num_bases", "4", "comp")]
    [InlineData("rgcn_mean", "num_bases", "4", "comp")]
    [InlineData("rgcn_blocks", "num_blocks", "2", "weight")]
    [InlineData("rgcn_no_root", "root_weight", "true", "root")]
    [InlineData("rgcn_mean", "root_weight", "false", "root")]
    [InlineData("rgcn_mean", "bias", "false", "bias")]
    [InlineData("rgat_concat_four_heads", "heads", "2", "q")]
    [InlineData("rgat_concat_four_heads", "concat", "false", "bias")]
    [InlineData("rgat_mean_two_heads", "concat", "true", "bias")]
    [InlineData("hgt_heterogeneous", "heads", "1", "k_rel.weight")]
    public void An_option_that_the_weights_contradict_is_refused(string fixture, string option, string value, string tensor)
    {
        Diagnostic refusal = Refuses("PG0413", $"tensor {tensor}", fixture, _ => { }, null, (option, value));
        Assert.Contains($"{option} is {value}", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("rgcn_mean")]
    [InlineData("rgat_one_head")]
    [InlineData("hgt_homogeneous")]
    public void A_graph_with_more_edge_types_than_the_weights_is_refused(string fixture)
    {
        HeteroGraph graph = new OracleCase(fixture).Graph;
        HeteroGraph larger = HeteroGraph.Create(graph.NodeTypes, [.. graph.EdgeTypes, new("more"), new("many")], graph.NodeType,
            graph.Source, graph.Destination, graph.EdgeTypeOf);
        Refuses("PG0414", "graph", fixture, _ => { }, larger);
    }

    [Fact]
    public void An_edge_type_that_joins_several_pairs_of_node_types_is_refused_by_hgt()
    {
        HeteroGraph graph = new OracleCase("hgt_heterogeneous").Graph;
        int[] nodeType = [.. graph.NodeType];
        nodeType[graph.Source[0]] = 2;
        HeteroGraph mixed = HeteroGraph.Create(graph.NodeTypes, [.. graph.EdgeTypes.Select(type => new EdgeType(type.Name))], nodeType,
            graph.Source, graph.Destination, graph.EdgeTypeOf);
        Refuses("PG0415", "edge type 0", "hgt_heterogeneous", _ => { }, mixed);
    }

    [Fact]
    public void Featureless_weights_of_another_number_of_nodes_are_refused() =>
        Refuses("PG0412", "tensor weight", "rgcn_mean", _ => { }, null, ("featureless", "true"));

    [Fact]
    public void Layers_that_do_not_follow_each_other_are_refused() =>
        Refuses("PG0412", "tensor layer1.weight", "rgcn_mean", tensors =>
        {
            foreach (string name in tensors.Keys.ToArray())
            {
                tensors.Remove(name, out Tensor? tensor);
                tensors.Add($"layer0.{name}", tensor!);
            }

            tensors.Add("layer1.weight", Tensor.Zeros(4, 9, 2));
        });

    [Fact]
    public void A_name_from_a_file_stays_on_its_line() =>
        Refuses("PG0411", "tensor a?b", "rgcn_mean", tensors => tensors.Add("a\nb", Tensor.Zeros(1)));

    private static Diagnostic Refuses(string id, string place, string fixture, Action<Dictionary<string, Tensor>> change,
        HeteroGraph? graph = null, params (string Option, string Value)[] set)
    {
        var given = new OracleCase(fixture);
        Diagnostic refusal = Assert.Throws<PigeonException>(() => StateFile.Load(given, change, graph, set)).Diagnostic;
        Assert.Equal((id, place), (refusal.Id, refusal.Place));
        Assert.NotNull(refusal.Remedy);
        return refusal;
    }
}
