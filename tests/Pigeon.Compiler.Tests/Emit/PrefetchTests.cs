using Pigeon.Compiler;
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
}
