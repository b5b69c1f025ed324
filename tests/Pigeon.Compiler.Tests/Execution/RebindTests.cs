using System.Runtime.CompilerServices;
using Pigeon.Compiler;
using Pigeon.Kernels;
using Pigeon.Runtime;
using Xunit;

namespace Pigeon.Tests;

/// <summary>An executable that goes from graph to graph, as a training step does from batch to batch.</summary>
public sealed class RebindTests
{
    private static readonly CompiledProgram Compiled = ProgramCompiler.Compile(Layers.Rgat(5, 4, 2), new() { Cache = null });

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Every_graph_gives_what_it_gives_alone(int threads)
    {
        HeteroGraph[] graphs = [.. new[] { 2, 5, 3, 3 }.Select(RandomGraphs.Create)];
        using var executable = new Executable(Compiled.Load(), graphs[0].Binding, threads);
        foreach (HeteroGraph graph in graphs)
        {
            var arguments = Differential.Arguments(Layers.Rgat(5, 4, 2), graph.Binding, seed: 1);
            executable.Bind(graph.Binding);
            foreach ((string name, Tensor tensor) in arguments)
            {
                executable.Set(name, tensor);
            }

            executable.Run();
            Assert.Equal(Differential.Compiled(Compiled, graph.Binding, arguments, threads)["y"], executable.Output("y").Span.ToArray());
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Maps_that_were_let_go_are_found_anew(int threads)
    {
        Program program = Layers.Rgat(5, 4, 2);
        HeteroGraph[] graphs = [.. new[] { 2, 5, 2 }.Select(RandomGraphs.Create)];
        using var executable = new Executable(Compiled.Load(), graphs[0].Binding, threads) { LargeBytes = 0 };
        foreach (HeteroGraph graph in graphs)
        {
            var arguments = Differential.Arguments(program, graph.Binding, seed: 1);
            executable.Bind(graph.Binding);
            foreach ((string name, Tensor tensor) in arguments)
            {
                executable.Set(name, tensor);
            }

            executable.Run();
            float[] first = executable.Output("y").Span.ToArray();

            // Its pointers are taken again, where maps were let go.
            executable.Set("x", arguments["x"]);
            executable.Run();
            Assert.Equal(first, executable.Output("y").Span.ToArray());
            Assert.Equal(Differential.Compiled(Compiled, graph.Binding, arguments, threads)["y"], first);
        }
    }

    [Fact]
    public void A_large_program_holds_only_the_arrays_that_its_kernels_read()
    {
        GraphBinding graph = RandomGraphs.Create(2).Binding;
        Program program = Layers.Rgat(5, 4, 2);
        WeakReference<BoundMap> unused = Derive(graph);
        using var large = new Executable(Compiled.Load(), graph) { LargeBytes = 0 };
        foreach ((string name, Tensor tensor) in Differential.Arguments(program, graph, seed: 1))
        {
            large.Set(name, tensor);
        }

        large.Run();
        Assert.False(IsThere(unused));

        // Locals of another method are gone when it has returned.
        [MethodImpl(MethodImplOptions.NoInlining)]
        static WeakReference<BoundMap> Derive(GraphBinding graph) => new(graph.Resolve(new Map.Pair(HeteroSchema.Src, HeteroSchema.Dst)));

        [MethodImpl(MethodImplOptions.NoInlining)]
        static bool IsThere(WeakReference<BoundMap> map) => map.TryGetTarget(out _);
    }

    [Fact]
    public void What_is_derived_from_other_names_is_kept()
    {
        GraphBinding graph = RandomGraphs.Create(4).Binding;
        var chosen = new Map.Stored("chosen", new IndexSpace.Declared("Chosen"), HeteroSchema.Nodes);
        var sizes = new Dictionary<string, int> { ["Chosen"] = 2 };
        GraphBinding first = graph.With(sizes, new Dictionary<string, int[]> { ["chosen"] = [0, 1] });
        BoundMap pairs = first.Resolve(HeteroSchema.DestinationPair);
        Assert.Equal([0, 1], first.Resolve(chosen).Values);
        GraphBinding second = first.With(sizes, new Dictionary<string, int[]> { ["chosen"] = [1, 1] });
        Assert.Same(pairs, second.Resolve(HeteroSchema.DestinationPair));
        Assert.Equal([1, 1], second.Resolve(chosen).Values);
        GraphBinding third = second.With(new Dictionary<string, int>(), new Dictionary<string, int[]> { ["dst"] = new int[pairs.Values.Length] });
        Assert.NotSame(pairs, third.Resolve(HeteroSchema.DestinationPair));
    }

    [Fact]
    public void A_linked_argument_stays_and_its_shape_may_not_change()
    {
        var builder = new ProgramBuilder("count");
        Value total = builder.Input("total", HeteroSchema.Nodes, 1);
        builder.Return("next", total + builder.Constant(1, HeteroSchema.Edges, 1).Sum(HeteroSchema.Dst));
        HeteroGraph two = HeteroGraph.Create(2, ["r"], [0, 1], [1, 1], [0, 0]);
        HeteroGraph other = HeteroGraph.Create(2, ["r"], [0], [0], [0]);
        using var executable = new Executable(ProgramCompiler.Compile(builder.Build(), new() { Cache = null }).Load(), two.Binding);
        executable.Link("next", "total");
        executable.Run();
        executable.Advance();
        executable.Bind(other.Binding);
        executable.Run();
        executable.Advance();
        Assert.Equal([1f, 2f], executable.Argument("total").Span.ToArray());
        HeteroGraph three = HeteroGraph.Create(3, ["r"], [0], [0], [0]);
        Assert.Equal("PG0221", Assert.Throws<PigeonException>(() => executable.Bind(three.Binding)).Diagnostic.Id);
    }
}
