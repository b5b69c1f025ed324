using Pigeon.Compiler;
using Pigeon.Kernels;
using Pigeon.Runtime;
using Xunit;
using static Pigeon.Kernels.HeteroSchema;

namespace Pigeon.Tests;

/// <summary>Which rows are asked for ahead, and how.</summary>
public sealed class PrefetchTests
{
    [Theory]
    [InlineData(64, 1 << 20)]
    [InlineData(128, 1 << 19)]
    [InlineData(32, 0)]
    public void Long_rows_of_neighbours_are_asked_into_the_second_cache_where_they_come_from_memory(int width, int rows)
    {
        var p = new ProgramBuilder("sum");
        p.Return("y", p.Input("x", Nodes, width).At(Src).Sum(Dst));
        string source = ProgramCompiler.Compile(p.Build(), new() { Lanes = 16, Threads = 1, Cache = null }).Source.Source;
        if (rows > 0)
        {
            Assert.Matches($@"bool far0 = this\.n\d+ > {rows};", source);
            Assert.Matches(@"VectorMath\.PrefetchFour\(t\d+, far0\);", source);
        }
        else
        {
            Assert.DoesNotContain("far0", source, StringComparison.Ordinal);
            Assert.Matches(@"VectorMath\.Prefetch\(t\d+\);", source);
        }
    }

    /// <summary>Rows of rows: those of the kernel pick them from anywhere, and where a loop reads them, only rows with neighbours do.</summary>
    [Theory]
    [InlineData(false, 1)]
    [InlineData(true, 1)]
    [InlineData(true, 3)]
    public void Rows_that_a_map_gives_for_a_row_are_asked_for_where_the_table_is_large(bool inLoop, int threads)
    {
        const int width = 64;
        const int near = (4 << 20) / (sizeof(float) * width);
        const int nodes = near + 1000;
        const int edges = 9_000;
        var p = new ProgramBuilder("rows");
        Value x = p.Input("x", Nodes, width);
        Value z = p.Input("z", Edges, width);
        p.Return("y", inLoop
            ? (x.At(new Map.Stored("parent", Nodes, Nodes)).At(Dst) * z).RowReduce(ReduceKind.Sum, 0).Sum(Dst)
            : (x.At(Src) * z).RowReduce(ReduceKind.Sum, 0));
        Program program = p.Build();
        CompiledProgram compiled = ProgramCompiler.Compile(program, new() { Lanes = 16, Threads = threads, Cache = null });
        string[] lines = compiled.Source.Source.Split('\n');
        int ahead = Assert.Single(Enumerable.Range(0, lines.Length), line => lines[line].Contains("Math.Min(i + 16, end - 1)", StringComparison.Ordinal));
        Assert.Matches($@"if \(this\.n\d+ > {near}\)", lines[ahead - 2]);
        Assert.Matches(inLoop ? @"m\d+\[ahead\d+\] & \(\((m\d+_offsets)\[(ahead\d+)\] - \1\[\2 \+ 1\]\) >> 31\)" : @"\(m\d+\[ahead\d+\]\)", lines[ahead + 1]);

        var random = new Random(1);
        int[] Picks(int count) => [.. Enumerable.Range(0, count).Select(_ => random.Next(nodes))];
        var graph = new GraphBinding(new Dictionary<string, int> { ["Nodes"] = nodes, ["Edges"] = edges },
            new Dictionary<string, int[]> { ["src"] = Picks(edges), ["dst"] = Picks(edges), ["parent"] = Picks(nodes) });
        Tensor Numbers(int rows) => Tensor.From([.. Enumerable.Range(0, rows * width).Select(_ => random.Next(-3, 4))], rows, width);
        var arguments = new Dictionary<string, Tensor> { ["x"] = Numbers(nodes), ["z"] = Numbers(edges) };
        float[] actual = Differential.Compiled(compiled, graph, arguments, threads)["y"];
        Assert.Equal(Differential.Reference(program, graph, arguments)["y"], actual.Select(number => (double)number));
    }

    [Fact]
    public void Rows_that_come_in_their_order_are_not_asked_for()
    {
        var sorted = new IndexSpace.Sorted((Map.Stored)Dst);
        static Map OfSorted(Map map, IndexSpace sorted) => (Map.Stored)map with { From = sorted };
        var p = new ProgramBuilder("rows");
        Value x = p.Input("x", Nodes, 64);
        Value y = p.Input("y", Nodes, 64);
        p.Return("dot", (x.At(OfSorted(Src, sorted)) * y.At(OfSorted(Dst, sorted))).RowReduce(ReduceKind.Sum, 0));
        string source = ProgramCompiler.Compile(p.Build(), new() { Lanes = 16, Threads = 1, Cache = null }).Source.Source;
        Assert.Matches(@"far0\);", source);
        Assert.DoesNotContain("far1", source, StringComparison.Ordinal);
    }
}
