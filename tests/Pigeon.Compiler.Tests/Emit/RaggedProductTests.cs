using Pigeon.Compiler;
using Pigeon.Kernels;
using Pigeon.Runtime;
using Xunit;
using static Pigeon.Kernels.HeteroSchema;

namespace Pigeon.Tests;

/// <summary>Products whose columns are not whole vectors: the last vector overlaps the one before.</summary>
public sealed class RaggedProductTests
{
    [Theory]
    [InlineData(16)]
    [InlineData(8)]
    [InlineData(4)]
    public void Products_of_ragged_rows_are_exact_at_every_width(int lanes)
    {
        var p = new ProgramBuilder("ragged");
        foreach ((int k, int n) in new[] { (37, 29), (5, 9), (20, 7), (24, 31), (3, 33), (19, 50), (37, 11), (8, 20) })
        {
            Value x = p.Input($"x{n}", Nodes, k).At(Src);
            Value y = p.Input($"y{n}", Nodes, n).At(Dst);
            p.Return($"product{n}", x.Linear(p.Weight($"w{n}", EdgeTypes, k, n), EType));
            p.Return($"gradient{n}", p.Add(new Operator.OuterSum(x.Id, y.Id, EType)));
        }

        p.Return("blocks", p.Input("h", Nodes, 3, 6).At(Src).Linear(p.Weight("v", EdgeTypes, 3, 6, 11), EType));
        p.Return("matrices", p.Input("m", Nodes, 4, 6).At(Src).Linear(p.Weight("u", EdgeTypes, 6, 21), EType));
        Program program = p.Build();
        CompiledProgram compiled = ProgramCompiler.Compile(program, new() { Lanes = lanes, Cache = null });
        Assert.All([1, 2, 3], seed => Check(RandomGraphs.Create(seed).Binding));

        void Check(GraphBinding graph)
        {
            var arguments = Differential.Arguments(program, graph, seed: 1, integers: true);
            IReadOnlyDictionary<string, double[]> expected = Differential.Reference(program, graph, arguments);
            Dictionary<string, float[]> actual = Differential.Compiled(compiled, graph, arguments);
            Assert.All(expected, e => Assert.Null(Differential.Difference(actual[e.Key], e.Value)));
            foreach (Tensor tensor in arguments.Values)
            {
                tensor.Dispose();
            }
        }
    }

    [Theory]
    [InlineData(9, "0: 8 8 (7)")]
    [InlineData(20, "0: 8; 8: 8 8 (4)")]
    [InlineData(53, "0: 8; 8: 8 8; 24: 8 8; 40: 8 8 (3)")]
    [InlineData(48, "0: 8 8; 16: 8 8; 32: 8 8")]
    public void A_vector_that_overlaps_is_in_a_group_with_the_one_before(int extent, string groups) =>
        Assert.Equal(groups, string.Join("; ", Lanes.Groups(extent, 8, 2).SelectMany(group => Enumerable.Range(0, group.Repeats).Select(i =>
            $"{group.Start + (i * group.Columns)}: {string.Join(' ', group.Pieces)}{(group.Overlap > 0 ? $" ({group.Overlap})" : "")}"))));

    [Theory]
    [InlineData(29, 8, "0 8 16 21")]
    [InlineData(32, 8, "0 8 16 24")]
    [InlineData(9, 8, "0 1")]
    [InlineData(7, 8, "0 4 5 6")]
    public void A_last_vector_overlaps_where_the_extent_has_one(int extent, int width, string starts) =>
        Assert.Equal(starts, string.Join(' ', Lanes.Cover(extent, width).Select(piece => piece.Start)));
}
