using Pigeon.Compiler;
using Pigeon.Kernels;
using Pigeon.Runtime;
using Xunit;
using static Pigeon.Kernels.HeteroSchema;

namespace Pigeon.Tests;

public class CompactTablesTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Rows_that_are_read_mean_and_learn_the_same(int seed)
    {
        var builder = new ProgramBuilder("table");
        Value rows = builder.Weight("w", new IndexSpace.Product(EdgeTypes, Nodes), 3).At(new Map.Index(EType, Src));
        builder.Return("loss", Losses.Mean(rows.Sum(Dst).Unary(UnaryFunction.Tanh)));
        Program whole = Differentiate.Run(builder.Build(), "loss");
        Program compact = Differentiate.Run(CompactTables.Run(builder.Build()), "loss");

        // The rows of the whole table that the pairs name are the compact table.
        GraphBinding graph = RandomGraphs.Create(seed).Binding;
        BoundMap pairs = graph.Resolve(SourcePair);
        BoundMap index = graph.Resolve(new Map.Index(EType, Src));
        var arguments = Differential.Arguments(whole, graph, seed);
        int[] rowOf = new int[graph.SizeOf(SourcePair.To)];
        for (int edge = 0; edge < pairs.Values.Length; edge++)
        {
            rowOf[pairs.Values[edge]] = index.Values[edge];
        }

        float[] picked = [.. rowOf.SelectMany(row => arguments["w"].Span.Slice(row * 3, 3).ToArray())];
        var taken = new Dictionary<string, Tensor> { ["w"] = Tensor.From(picked, rowOf.Length, 3) };
        var expected = Differential.Reference(whole, graph, arguments);
        var actual = Differential.Reference(compact, graph, taken);
        Assert.Equal(expected["loss"][0], actual["loss"][0], 12);
        Assert.Equal(rowOf.SelectMany(row => expected["grad.w"].Skip(row * 3).Take(3)), actual["grad.w"], (a, b) => Math.Abs(a - b) < 1e-12);
        Assert.Equal(expected["grad.w"].Sum(Math.Abs), actual["grad.w"].Sum(Math.Abs), 10);
    }
}
