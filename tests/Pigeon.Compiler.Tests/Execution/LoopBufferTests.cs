using Pigeon.Compiler;
using Pigeon.Kernels;
using Pigeon.Runtime;
using Xunit;
using static Pigeon.Kernels.HeteroSchema;

namespace Pigeon.Tests;

/// <summary>Values of neighbours that two loops of a kernel use: each thread keeps those of the row that it is at.</summary>
public sealed class LoopBufferTests
{
    private const int NodeCount = 40;
    private const int EdgeCount = 600;
    private static readonly CompiledProgram Compiled = ProgramCompiler.Compile(TwoLoops(), new() { Cache = null, Lanes = 8 });

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Memory_is_that_of_the_longest_walk(int threads)
    {
        BufferSignature kept = Assert.Single(Compiled.Source.Signature.Buffers, b => b.Walk >= 0);
        GraphBinding graph = Spread(1).Binding;
        int longest = graph.Resolve(Dst).Longest;
        Assert.InRange(longest, 1, EdgeCount / 10);

        // Those of the rows, at least of a batch, and one for the last vector of a block.
        long lines = (((Math.Max(longest, RowBatches.Neighbours) * 3L) + 15) / 16) + 1;
        Assert.Equal(threads * lines * 64, MemoryEstimate.BytesOf(kept, Compiled.Source.Signature, graph, threads));
        using var executable = new Executable(Compiled.Load(), graph, threads);
        Assert.Equal(MemoryEstimate.Of(Compiled.Source.Signature, graph, threads).Total, executable.TotalBytes);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void A_longer_walk_gets_its_memory_when_the_graph_is_bound_anew(int threads)
    {
        using var executable = new Executable(Compiled.Load(), Spread(1).Binding, threads);
        foreach (int nodes in new[] { NodeCount, 2, NodeCount, 1 })
        {
            GraphBinding graph = Spread(NodeCount / nodes).Binding;
            Dictionary<string, Tensor> arguments = Differential.Arguments(TwoLoops(), graph, seed: nodes, integers: true);
            executable.Bind(graph);
            executable.Set("a", arguments["a"]);
            executable.Run();
            double[] expected = Differential.Reference(TwoLoops(), graph, arguments)["y"];
            Assert.Null(Differential.Difference(executable.Output("y").Span.ToArray(), expected));
        }
    }

    /// <summary>As many nodes and edges whatever the step: the edges end at each node, at each second node, …</summary>
    private static HeteroGraph Spread(int step) => HeteroGraph.Create(NodeCount, ["r"], [.. Enumerable.Range(0, EdgeCount).Select(e => e % NodeCount)],
        [.. Enumerable.Range(0, EdgeCount).Select(e => e * 7 % NodeCount / step * step)], new int[EdgeCount]);

    private static Program TwoLoops()
    {
        var p = new ProgramBuilder("loops");
        Value a = p.Input("a", Edges, 3);
        Value square = a * a + a;
        p.Return("y", (square * square.Reduce(Dst, ReduceKind.Max).At(Dst)).Sum(Dst));
        return p.Build();
    }
}
