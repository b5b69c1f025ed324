using Pigeon.Compiler;
using Pigeon.Kernels;
using Pigeon.Runtime;
using Xunit;
using static Pigeon.Kernels.HeteroSchema;

namespace Pigeon.Tests;

/// <summary>Results that caches can't hold are stored past them, and the rows of the next tile are asked for while one is multiplied.</summary>
public sealed class StreamedResultTests
{
    [Theory]
    [InlineData(16, 1, 2048, 2, 0)]
    [InlineData(8, 1, 2048, 2, 1)]
    [InlineData(8, 2, 2048, 2, 2)]
    [InlineData(4, 3, 2048, 2, 1)]
    [InlineData(8, 2, 64, 1, 3)]
    [InlineData(8, 2, 64, 1, -3)]
    [InlineData(8, 2, 64, 64, -49000)]
    public void Result_is_the_same_on_both_sides_of_the_threshold(int lanes, int threads, int n, int k, int more)
    {
        int rows = (Streaming.FarBytes / (sizeof(float) * n)) + more;
        var p = new ProgramBuilder("far");
        var space = new IndexSpace.Declared("Nodes");
        Value product = p.Input("x", space, k).Linear(p.Weight("w", IndexSpace.One, k, n));
        p.Return("y", product + p.Input("s", space, n));
        Program program = p.Build();
        CompiledProgram compiled = ProgramCompiler.Compile(program, new() { Lanes = lanes, Threads = threads, Cache = null });
        Assert.Contains("StoreAlignedNonTemporal", compiled.Source.Source, StringComparison.Ordinal);
        Assert.Contains("VectorMath.EndStreams();", compiled.Source.Source, StringComparison.Ordinal);
        Check(program, compiled, new(new Dictionary<string, int> { ["Nodes"] = rows }, new Dictionary<string, int[]>()), threads);
    }

    [Theory]
    [InlineData(16, 1, 0)]
    [InlineData(8, 2, 1)]
    [InlineData(4, 3, 2)]
    public void Result_of_a_traversal_is_the_same_on_both_sides_of_the_threshold(int lanes, int threads, int more)
    {
        const int n = 4096;
        int rows = (Streaming.FarBytes / (sizeof(float) * n)) + more;
        var p = new ProgramBuilder("far");
        p.Return("y", p.Input("x", Edges, n).Sum(Dst) + p.Input("s", Nodes, n));
        Program program = p.Build();
        CompiledProgram compiled = ProgramCompiler.Compile(program, new() { Lanes = lanes, Threads = threads, Cache = null });
        Assert.Contains("StoreAlignedNonTemporal", compiled.Source.Source, StringComparison.Ordinal);
        Assert.Contains("VectorMath.EndStreams();", compiled.Source.Source, StringComparison.Ordinal);
        Check(program, compiled, HeteroGraph.Create(rows, ["r"], [0, 1, 2, 3], [0, 0, rows - 1, 5], [0, 0, 0, 0]).Binding, threads);
    }

    [Theory]
    [InlineData(24)]
    [InlineData(8)]
    public void Rows_that_are_no_whole_lines_are_stored_as_ever(int n)
    {
        var p = new ProgramBuilder("short");
        var space = new IndexSpace.Declared("Nodes");
        Value product = p.Input("x", space, 16).Linear(p.Weight("w", IndexSpace.One, 16, n));
        p.Return("y", product + p.Input("s", space, n));
        Assert.DoesNotContain("NonTemporal", CSharpEmitter.Emit(ProgramCompiler.Plan(p.Build()), 8).Source, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(16, 1, 64, 64, true)]
    [InlineData(8, 1, 64, 64, true)]
    [InlineData(8, 3, 64, 80, true)]
    [InlineData(4, 2, 96, 96, true)]
    [InlineData(8, 1, 32, 64, false)]
    [InlineData(8, 1, 80, 64, false)]
    public void Rows_of_the_next_tile_are_asked_for_if_they_are_long(int lanes, int threads, int k, int n, bool asks)
    {
        var p = new ProgramBuilder("layer");
        Value sums = p.Input("s", Nodes, n).At(Src).Sum(Dst);
        p.Return("y", sums + p.Input("x", Nodes, k).Linear(p.Weight("w", NodeTypes, k, n), NType));
        Program program = p.Build();
        CompiledProgram compiled = ProgramCompiler.Compile(program, new() { Lanes = lanes, Threads = threads, Cache = null });
        Assert.Contains(compiled.Plan.Kernels, kernel => kernel.Contraction is not null && kernel.Before.Any(step => step.Loop is not null));
        Assert.Equal(asks, compiled.Source.Source.Contains("float** ahead = stackalloc float*[16];", StringComparison.Ordinal));
        Assert.Equal(asks, compiled.Source.Source.Contains(", next - 1);", StringComparison.Ordinal));
        foreach (int seed in new[] { 5, 6 })
        {
            Check(program, compiled, RandomGraphs.Create(seed).Binding, threads);
        }
    }

    [Theory]
    [InlineData(16, true)]
    [InlineData(15, false)]
    public void What_a_traversal_reads_of_its_own_rows_is_asked_for_if_it_is_long(int width, bool asks)
    {
        var p = new ProgramBuilder("own");
        p.Return("y", (p.Input("x", Nodes, width).At(Dst) * p.Input("m", Edges, width)).Sum(Dst));
        Program program = p.Build();
        CompiledProgram compiled = ProgramCompiler.Compile(program, new() { Lanes = 8, Cache = null });
        Assert.Equal(asks, compiled.Source.Source.Contains("(i + 4)", StringComparison.Ordinal));
        foreach (int seed in new[] { 7, 8 })
        {
            Check(program, compiled, RandomGraphs.Create(seed).Binding, threads: 2);
        }
    }

    private static void Check(Program program, CompiledProgram compiled, GraphBinding graph, int threads)
    {
        Dictionary<string, Tensor> arguments = Differential.Arguments(program, graph, seed: 1, integers: true);
        IReadOnlyDictionary<string, double[]> expected = Differential.Reference(program, graph, arguments);
        Dictionary<string, float[]> actual = Differential.Loaded(compiled.Load(), graph, arguments, threads, leastShared: 8);
        Assert.Null(Differential.Difference(actual["y"], expected["y"]));
        foreach (Tensor tensor in arguments.Values)
        {
            tensor.Dispose();
        }
    }
}
