using Pigeon.Compiler;
using Pigeon.Kernels;
using Pigeon.Runtime;
using Xunit;
using static Pigeon.Kernels.HeteroSchema;

namespace Pigeon.Tests;

/// <summary>Weight gradients whose sums registers hold at some width, of types that have no row, one, and so many that threads share them.</summary>
public sealed class ThinGradientTests
{
    private static readonly (int K, int N)[] Shapes = [(64, 1), (64, 4), (5, 64), (6, 37)];

    /// <summary>Rows of the types.</summary>
    private static readonly int[] Rows = [0, 1, 700, 0, 2, 90, 1, 0];

    [Theory]
    [InlineData(16)]
    [InlineData(8)]
    [InlineData(4)]
    public void Thin_gradients_are_exact(int lanes)
    {
        var p = new ProgramBuilder("thin");
        foreach ((int k, int n) in Shapes)
        {
            Value x = p.Input($"x{k}x{n}", Nodes, k).At(Src);
            p.Return($"gradient{k}x{n}", p.Add(new Operator.OuterSum(x.Id, p.Input($"y{k}x{n}", Edges, n).Id, EType)));
        }

        Program program = p.Build();
        CompiledProgram compiled = ProgramCompiler.Compile(program, new() { Lanes = lanes, Cache = null });

        // Registers of 16 lanes hold all of them, those of 4 none: others have tiles.
        Assert.Equal(lanes < 16, compiled.Source.Source.Contains("_tile", StringComparison.Ordinal));
        foreach (int step in new[] { 1, 5 })
        {
            GraphBinding graph = Graph(step);
            var arguments = Differential.Arguments(program, graph, seed: step, integers: true);
            IReadOnlyDictionary<string, double[]> expected = Differential.Reference(program, graph, arguments);
            foreach (int threads in new[] { 1, 3 })
            {
                var actual = Differential.Compiled(compiled, graph, arguments, threads);
                Assert.All(expected, e => Assert.Null(Differential.Difference(actual[e.Key], e.Value)));
            }

            Array.ForEach([.. arguments.Values], tensor => tensor.Dispose());
        }
    }

    /// <summary>Edges in the order of their types, and not.</summary>
    private static GraphBinding Graph(int step)
    {
        int[] types = [.. Rows.SelectMany((count, type) => Enumerable.Repeat(type, count))];
        int[] edges = [.. Enumerable.Range(0, types.Length)];
        return HeteroGraph.Create(9, [.. Rows.Select((_, type) => FormattableString.Invariant($"r{type}"))], [.. edges.Select(e => e * 5 % 9)],
            [.. edges.Select(e => e % 9)], [.. edges.Select(e => types[e * step % edges.Length])]).Binding;
    }
}
