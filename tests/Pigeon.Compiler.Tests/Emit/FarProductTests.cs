using Pigeon.Compiler;
using Pigeon.Kernels;
using Pigeon.Runtime;
using Xunit;
using static Pigeon.Kernels.HeteroSchema;

namespace Pigeon.Tests;

/// <summary>Products over rows of a table that the caches don't hold, whose tiles ask for the rows of the next one.</summary>
public sealed class FarProductTests
{
    private const int Width = 64;

    /// <summary>More than <see cref="Prefetch.FarBytes"/>, and not a whole number of tiles.</summary>
    private const int FarRows = (Prefetch.FarBytes / (sizeof(float) * Width)) + 117;

    private const int EdgesBetween = 3001;

    [Theory]
    [InlineData(16, false)]
    [InlineData(16, true)]
    [InlineData(8, false)]
    [InlineData(8, true)]
    public void Products_of_far_rows_are_exact(int lanes, bool sumsBefore)
    {
        var p = new ProgramBuilder("far");
        Value x = p.Input("x", Nodes, Width).At(Src);
        p.Return("y", sumsBefore ? x.Sum(EType).Linear(p.Weight("w", IndexSpace.One, Width, Width)) : x.Linear(p.Weight("w", EdgeTypes, Width, Width), EType));
        Program program = p.Build();
        CompiledProgram compiled = ProgramCompiler.Compile(program, new() { Lanes = lanes, Cache = null });
        Assert.Equal(sumsBefore, Assert.Single(compiled.Plan.Kernels).Before.Count > 0);
        Assert.Contains("float** ahead = ", compiled.Source.Source, StringComparison.Ordinal);

        // Few types have rows in tiles; sums of few neighbours are what a product asks for.
        GraphBinding graph = Graph(types: sumsBefore ? EdgesBetween / 3 : 3);
        var arguments = Differential.Arguments(program, graph, seed: 1, integers: true);
        double[] expected = Differential.Reference(program, graph, arguments)["y"];
        foreach (int threads in new[] { 1, 2 })
        {
            Assert.Null(Differential.Difference(Differential.Compiled(compiled, graph, arguments, threads)["y"], expected));
        }

        Array.ForEach([.. arguments.Values], tensor => tensor.Dispose());
    }

    private static GraphBinding Graph(int types)
    {
        int[] edges = [.. Enumerable.Range(0, EdgesBetween)];
        return HeteroGraph.Create(FarRows, [.. Enumerable.Range(0, types).Select(type => $"r{type}")], [.. edges.Select(e => (int)(e * 7919L % FarRows))],
            [.. edges.Select(e => e % FarRows)], [.. edges.Select(e => e % 5 == 0 ? types - 1 : e % types)]).Binding;
    }
}
