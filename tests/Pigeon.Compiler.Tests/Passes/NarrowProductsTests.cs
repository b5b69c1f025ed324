using Pigeon.Compiler;
using Pigeon.Kernels;
using Pigeon.Runtime;
using Xunit;
using static Pigeon.Kernels.HeteroSchema;

namespace Pigeon.Tests;

/// <summary>Products with few columns become dots: after the product whose rows they multiply, or in a traversal of the nodes.</summary>
public sealed class NarrowProductsTests
{
    private const int Width = 16;

    [Fact]
    public void Products_of_a_nodes_pairs_become_one_traversal_of_the_nodes()
    {
        Plan plan = ProgramCompiler.Plan(Logits(1), Options(Graph()));
        Assert.Equal("""
              kernel k0_traverse over Nodes
                for each neighbour along second(etype, dst)
                  %9 = row sum %0[row] * %1[first(etype, dst)(neighbour)] over [1, 16]
                for each neighbour along second(etype, src)
                  %14 = row sum %0[row] * %2[first(etype, src)(neighbour)] over [1, 16]

            """.ReplaceLineEndings("\n"), TextOf(plan, "k0_traverse"));
    }

    [Fact]
    public void Slices_of_several_columns_are_transposed_first()
    {
        Plan plan = ProgramCompiler.Plan(Logits(4), Options(Graph()));
        Assert.Equal("""
              kernel k0_map over EdgeTypes
                %4 = %1[row] over [4, 16]
                %7 = %2[row] over [4, 16]

            """.ReplaceLineEndings("\n"), TextOf(plan, "k0_map"));
        Assert.Contains("= row sum %0[row] * %4[first(etype, dst)(neighbour)] over [4, 16]", plan.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void After_a_product_they_are_computed_while_its_rows_are_near()
    {
        var p = new ProgramBuilder("after");
        Value z = p.Input("x", Nodes, Width).Linear(p.Weight("w", NodeTypes, Width, Width), NType);
        p.Return("z", z);
        p.Return("y", z.Linear(p.Weight("k", IndexSpace.One, Width, 4), new Map.Unit(Nodes)));
        Program program = p.Build();
        HeteroGraph graph = Graph();
        CompiledProgram compiled = ProgramCompiler.Compile(program, Options(graph));
        Assert.Equal("""
              kernel k1_gemm over Nodes
                gemm 16 x 16: %6 = %0[row] * %1[type] by ntype
                %8 (scratch) = row sum %6[row] * %4[unit(Nodes)(row)] over [4, 16]
                %9 = %8[row] over [4]

            """.ReplaceLineEndings("\n"), TextOf(compiled.Plan, "k1_gemm"));
        var arguments = Differential.Arguments(program, graph.Binding, 1, integers: true);
        Assert.Null(Differential.Difference(Differential.Compiled(compiled, graph.Binding, arguments)["y"],
            Differential.Reference(program, graph.Binding, arguments)["y"]));
    }

    [Theory]
    [InlineData(1, true)]
    [InlineData(2, true)]
    [InlineData(3, true)]
    [InlineData(4, true)]
    [InlineData(1, false)]
    [InlineData(4, false)]
    public void They_are_the_same_as_by_products(int columns, bool ofBothEnds)
    {
        foreach (int lanes in (int[])[4, 8])
        {
            for (int seed = 1; seed <= 6; seed++)
            {
                GraphBinding graph = Graph(seed).Binding;
                Program program = Logits(columns, ofBothEnds);
                var arguments = Differential.Arguments(program, graph, seed, integers: true);
                double[] expected = Differential.Reference(program, graph, arguments)["y"];
                CompileOptions options = Options(Graph(seed)) with { Lanes = lanes, Threads = 3 };
                Assert.Equal(columns <= lanes / 2, HasDots(ProgramCompiler.Plan(program, options)));
                CompiledProgram compiled = ProgramCompiler.Compile(program, options);
                Assert.Null(Differential.Difference(Differential.Compiled(compiled, graph, arguments)["y"], expected));

                // A node with many pairs is shared among the threads where a kernel walks those of one end alone.
                Assert.Null(Differential.Difference(Differential.Loaded(compiled.Load(), graph, arguments, threads: 3, leastShared: 4)["y"], expected));
            }
        }
    }

    [Fact]
    public void Not_where_most_nodes_have_no_pairs_or_slices_are_many_or_without_a_graph()
    {
        Assert.True(HasDots(ProgramCompiler.Plan(Logits(4), Options(Graph()))));
        Assert.False(HasDots(ProgramCompiler.Plan(Logits(4), Options(Graph(edges: 20)))));
        Assert.True(HasDots(ProgramCompiler.Plan(Logits(1), Options(Graph(types: 3000)))));
        Assert.False(HasDots(ProgramCompiler.Plan(Logits(4), Options(Graph(types: 3000)))));
        Assert.False(HasDots(ProgramCompiler.Plan(Logits(4), Options(Graph()) with { Graph = null })));
        Assert.False(HasDots(ProgramCompiler.Plan(Logits(4), Options(Graph()) with { NarrowProducts = false })));
    }

    private static CompileOptions Options(HeteroGraph graph) => new() { Cache = null, Lanes = 8, Rewrites = RewriteFamilies.None, Graph = graph.Binding };

    private static bool HasDots(Plan plan) => plan.ToString().Contains("row sum", StringComparison.Ordinal);

    private static string TextOf(Plan plan, string kernel)
    {
        string[] kernels = plan.ToString().Split("  kernel ");
        return "  kernel " + Assert.Single(kernels, text => text.StartsWith(kernel, StringComparison.Ordinal));
    }

    private static HeteroGraph Graph(int seed = 1, int edges = 300, int types = 5)
    {
        const int nodes = 40;
        var random = new Random(seed);
        int[] Draw(int bound) => [.. Enumerable.Range(0, edges).Select(_ => random.Next(bound))];
        return HeteroGraph.Create(["n"], [.. Enumerable.Range(0, types).Select(t => new EdgeType($"r{t}"))], new int[nodes], Draw(nodes), Draw(nodes), Draw(types));
    }

    /// <summary>What targets and sources of edges add to the logits of attention.</summary>
    private static Program Logits(int columns, bool ofBothEnds = true)
    {
        var p = new ProgramBuilder("logits");
        Value x = p.Input("x", Nodes, Width);
        Value ofTargets = Product("q", Dst).At(DestinationPair);
        p.Return("y", ofBothEnds ? ofTargets + Product("k", Src).At(SourcePair) : ofTargets * 2);
        return p.Build();

        Value Product(string name, Map end)
        {
            var pairs = new IndexSpace.Distinct(EType, end);
            return x.At(new Map.Component(pairs, 1)).Linear(p.Weight(name, EdgeTypes, Width, columns), new Map.Component(pairs, 0));
        }
    }
}
