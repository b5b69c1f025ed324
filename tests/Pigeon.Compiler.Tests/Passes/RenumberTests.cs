using Pigeon.Compiler;
using Pigeon.Kernels;
using Pigeon.Runtime;
using Xunit;
using static Pigeon.Kernels.HeteroSchema;

namespace Pigeon.Tests;

/// <summary>Where elements can be numbered another way, and where they can't. That programs mean the same then is in the tests of all rewrites.</summary>
public sealed class RenumberTests
{
    private static readonly IndexSpace.Sorted Sorted = new((Map.Stored)Dst);

    [Fact]
    public void All_maps_from_the_elements_become_maps_from_the_sorted_ones()
    {
        Program numbered = Numbered(p => p.Return("y", (p.Input("x", Nodes, 4).At(Src).Linear(p.Weight("w", EdgeTypes, 4, 3), EType)
            / Nn.Count(p, DestinationPair).At(DestinationPair)).Sum(Dst)))!;
        Assert.DoesNotContain(numbered.Types, type => type.Space == Edges);
        Assert.Contains(numbered.Types, type => type.Space == Sorted);
        Assert.Equal(numbered.ToString(), ProgramParser.Parse(numbered.ToString()).ToString());
        Assert.Equal(["dst", "etype", "src"], ProgramPrinter.StoredMaps(numbered).Select(map => map.Name).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_pair_whose_parts_follow_from_one_map_is_numbered_by_that_map()
    {
        var image = new Map.Pair(new Map.Composed(NType, Dst), Dst);
        Assert.NotNull(Numbered(p => p.Return("y", p.Input("x", Nodes, 4).At(Src).Sum(image).Sum(Second(image)))));
        Assert.Null(Numbered(p => p.Return("y", p.Input("x", Nodes, 4).At(Src).Sum(DestinationPair).Sum(Second(DestinationPair)))));

        static Map Second(Map pair) => new Map.Component((IndexSpace.Distinct)pair.To, 1);
    }

    [Fact]
    public void Rows_that_the_caller_gives_or_gets_keep_their_numbers()
    {
        Assert.Null(Numbered(p => p.Return("y", (p.Input("x", Nodes, 4).At(Src) * p.Input("c", Edges, 1)).Sum(Dst))));
        Assert.Null(Numbered(p => p.Return("y", (p.Input("x", Nodes, 4).At(Src) * p.Weight("c", new IndexSpace.Product(EdgeTypes, Edges), 1)
            .At(new Map.Index(EType, new Map.Identity(Edges)))).Sum(Dst))));
        Assert.Null(Numbered(p =>
        {
            Value edges = p.Input("x", Nodes, 4).At(Src);
            p.Return("y", edges.Sum(Dst));
            p.Return("edges", edges);
        }));
    }

    [Fact]
    public void Random_numbers_of_elements_keep_their_rows() =>
        Assert.Null(Numbered(p => p.Return("y", Nn.Dropout(p.Input("x", Nodes, 4).At(Src), 0.5, p.Input("seed", IndexSpace.One, 2), 1).Sum(Dst))));

    [Fact]
    public void Elements_that_a_map_leads_to_keep_their_numbers()
    {
        var chosen = new Map.Stored("chosen", new IndexSpace.Declared("Chosen"), Edges);
        Assert.Null(Numbered(p => p.Return("y", p.Input("x", Nodes, 4).At(Src).Sum(Dst).At(Dst).At(chosen))));
    }

    [Fact]
    public void Elements_are_numbered_once()
    {
        StoredProgram numbered = StoredProgram.Of(Numbered(p => p.Return("y", p.Input("x", Nodes, 4).At(Src).Sum(Dst)))!);
        Assert.All(numbered.Order, value => Assert.Null(Renumber.At(numbered, value)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Elements_that_are_in_order_are_left_alone(bool inOrder)
    {
        HeteroGraph graph = HeteroGraph.Create(3, ["a", "b"], [0, 1, 2, 0], [0, 1, 1, 2], inOrder ? [0, 0, 0, 0] : [1, 0, 1, 0]);
        var p = new ProgramBuilder("p");
        p.Return("y", p.Input("x", Nodes, 4).At(Src).Sum(Dst));
        Assert.Equal(inOrder, Renumber.PlaceIn(StoredProgram.Of(p.Build()), new(graph.Binding)) is null);
    }

    private static Program? Numbered(Action<ProgramBuilder> build)
    {
        var p = new ProgramBuilder("p");
        build(p);
        var program = StoredProgram.Of(Simplify.Run(p.Build()));
        return program.Order.Select(value => Renumber.At(program, value)).FirstOrDefault(numbered => numbered is not null)?.ToProgram();
    }
}
