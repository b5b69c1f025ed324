using Pigeon.Compiler;
using Pigeon.Kernels;
using Pigeon.Runtime;
using Xunit;
using static Pigeon.Kernels.HeteroSchema;

namespace Pigeon.Cli.Tests;

public sealed class PlanBoundTests
{
    private const int Width = 32;

    [Fact]
    public void A_product_reads_a_row_for_each_of_its_rows_and_writes_one()
    {
        GraphBinding graph = Graph(4000);
        Plan plan = Planned(graph);
        Kernel product = Assert.Single(plan.Kernels, kernel => kernel.Contraction is not null);
        const long bytes = 4000L * Width * sizeof(float);
        RowTraffic[] rows = [.. PlanCost.TouchedByProduct(plan, product, graph)];
        Assert.Equal([(bytes, true), (bytes, false)], rows.Select(row => (row.Bytes, row.IsGathered)));
        Assert.All(plan.Kernels.Where(kernel => kernel != product), kernel => Assert.Empty(PlanCost.TouchedByProduct(plan, kernel, graph)));
    }

    [Fact]
    public void More_edges_have_a_larger_bound()
    {
        // A factor of 32 in work; the rest is what a busy machine may do to a measurement.
        Assert.InRange(Least(Graph(64_000)) / Least(Graph(2_000)), 4, 500);

        static double Least(GraphBinding graph)
        {
            using var bound = new PlanBound(Planned(graph), graph);
            return Enumerable.Range(0, 5).Min(_ => bound.Measure());
        }
    }

    private static Plan Planned(GraphBinding graph)
    {
        var p = new ProgramBuilder("bound");
        p.Return("y", p.Input("x", Nodes, Width).At(Src).Linear(p.Weight("w", EdgeTypes, Width, Width), EType));
        return ProgramCompiler.Plan(p.Build(), new() { Graph = graph, Lanes = 8, Rewrites = RewriteFamilies.None });
    }

    private static GraphBinding Graph(int edges) => HeteroGraph.Create(300, ["a", "b"], [.. Enumerable.Range(0, edges).Select(i => i * 7 % 300)],
        [.. Enumerable.Range(0, edges).Select(i => i % 300)], [.. Enumerable.Range(0, edges).Select(i => i % 2)]).Binding;
}
