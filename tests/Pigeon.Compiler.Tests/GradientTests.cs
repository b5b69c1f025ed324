using Pigeon.Compiler;
using Pigeon.Kernels;
using Xunit;

namespace Pigeon.Tests;

public class GradientTests
{
    private const double Tolerance = 1e-6;

    /// <summary>Every case with every shape.</summary>
    public static TheoryData<string, int> Operators => Table([0, 1, 2, 3, 4]);

    /// <summary>Every case with two shapes: what the kernels are compared with, since each takes a compilation.</summary>
    public static TheoryData<string, int> CompiledOperators => Table([2, 4]);

    private static readonly int[][] Shapes = [[1], [3], [2, 3], [4, 1], [2, 2, 3]];

    private static readonly Dictionary<string, Func<ProgramBuilder, int[], Value>> Cases = new()
    {
        ["linear"] = (p, s) => Edges(p, s).Linear(p.Weight("w", HeteroSchema.EdgeTypes, s[^1], 4), HeteroSchema.EType),
        ["linear.blocks"] = (p, s) => Edges(p, [2, .. s.Take(1), 3]).Linear(p.Weight("w", HeteroSchema.EdgeTypes, 2, 3, 4), HeteroSchema.EType),
        ["linear.transposed"] = (p, s) => p.Add(new Operator.TypedLinear(Edges(p, s).Id, p.Weight("w", HeteroSchema.EdgeTypes, 4, s[^1]).Id,
            HeteroSchema.EType, Transposed: true)),
        ["outer"] = (p, s) => p.Add(new Operator.OuterSum(Edges(p, s).Id, p.Input("y", HeteroSchema.Edges, [.. s[..^1], 4]).Id, HeteroSchema.EType)),
        ["outer.blocks"] = (p, s) => p.Add(new Operator.OuterSum(Edges(p, [2, s[0]]).Id, p.Input("y", HeteroSchema.Edges, 2, 3).Id,
            HeteroSchema.EType, Blocks: true)),
        ["gather"] = (p, s) => Nodes(p, s).At(HeteroSchema.Src),
        ["gather.pair"] = (p, s) => p.Input("x", HeteroSchema.DestinationPair.To, s).At(HeteroSchema.DestinationPair),
        ["reduce.sum"] = (p, s) => Edges(p, s).Sum(HeteroSchema.Dst),
        ["reduce.mean"] = (p, s) => Edges(p, s).Reduce(HeteroSchema.DestinationPair, ReduceKind.Mean),
        ["reduce.max"] = (p, s) => Edges(p, s).Reduce(HeteroSchema.Dst, ReduceKind.Max),
        ["reduce.min"] = (p, s) => Edges(p, s).Reduce(HeteroSchema.Dst, ReduceKind.Min),
        ["reduce.prod"] = (p, s) => Edges(p, s).Reduce(HeteroSchema.Dst, ReduceKind.Prod),
        ["row.sum"] = (p, s) => Edges(p, s).RowReduce(ReduceKind.Sum, s.Length - 1),
        ["row.mean"] = (p, s) => Edges(p, s).RowReduce(ReduceKind.Mean, 0),
        ["row.max"] = (p, s) => Edges(p, s).RowReduce(ReduceKind.Max, s.Length - 1),
        ["row.min"] = (p, s) => Edges(p, s).RowReduce(ReduceKind.Min, 0),
        ["row.prod"] = (p, s) => Edges(p, s).RowReduce(ReduceKind.Prod, s.Length - 1),
        ["reshape"] = (p, s) => Edges(p, s).Reshape(s.Aggregate(1, (a, b) => a * b)),
        ["regroup"] = (p, s) => p.Input("x", new IndexSpace.Product(HeteroSchema.Nodes, new IndexSpace.Range(2)), s)
            .Regroup(HeteroSchema.Nodes, [2, .. s]),
        ["transpose"] = (p, s) => Edges(p, s).Transpose([.. Enumerable.Range(0, s.Length).Reverse()]),
        ["slice"] = (p, s) => Edges(p, [5, .. s]).Slice(0, 1, 3),
        ["concat"] = (p, s) => p.Concat(s.Length - 1, Edges(p, s), p.Input("y", HeteroSchema.Edges, [.. s[..^1], 2])),
        ["broadcast"] = (p, s) => Edges(p, s) * p.Input("y", HeteroSchema.Edges, [2, .. s.Select(_ => 1)]) + p.Weight("b", IndexSpace.One, s),
        ["softmax"] = (p, s) => Nn.EdgeSoftmax(Edges(p, s), HeteroSchema.Dst),
        ["gelu"] = (p, s) => Nn.Gelu(Edges(p, s)),
        ["layer norm"] = (p, s) => Nn.LayerNorm(Edges(p, [.. s[..^1], s[^1] + 1]), p.Weight("scale", IndexSpace.One, s[^1] + 1),
            p.Weight("shift", IndexSpace.One, s[^1] + 1), epsilon: 0.1),
        ["batch norm"] = (p, s) => Nn.BatchNorm(Edges(p, s), p.Weight("scale", IndexSpace.One, s), p.Weight("shift", IndexSpace.One, s), epsilon: 0.1),
        ["dropout"] = (p, s) => Nn.Dropout(Edges(p, s), 0.3, p.Input("seed", IndexSpace.One, 2), stream: 1),
        ["leaky"] = (p, s) => Nn.LeakyRelu(Edges(p, s), 0.2),
        ["exp"] = Unary(UnaryFunction.Exp),
        ["neg"] = Unary(UnaryFunction.Neg),
        ["abs"] = Unary(UnaryFunction.Abs),
        ["log"] = (p, s) => (Edges(p, s) + 2).Unary(UnaryFunction.Log),
        ["sqrt"] = (p, s) => (Edges(p, s) + 2).Unary(UnaryFunction.Sqrt),
        ["sin"] = Unary(UnaryFunction.Sin),
        ["cos"] = Unary(UnaryFunction.Cos),
        ["tanh"] = Unary(UnaryFunction.Tanh),
        ["sigmoid"] = Unary(UnaryFunction.Sigmoid),
        ["erf"] = Unary(UnaryFunction.Erf),
        ["floor"] = (p, s) => Edges(p, s).Unary(UnaryFunction.Floor) * Edges(p, s, "y"),
        ["round"] = (p, s) => Edges(p, s).Unary(UnaryFunction.Round) * Edges(p, s, "y"),
        ["sub"] = Binary(BinaryFunction.Sub),
        ["div"] = (p, s) => Edges(p, s) / (Edges(p, s, "y") + 2),
        ["max"] = Binary(BinaryFunction.Max),
        ["min"] = Binary(BinaryFunction.Min),
        ["less"] = (p, s) => Edges(p, s).Binary(BinaryFunction.Less, Edges(p, s, "y")) * Edges(p, s, "z"),
        ["equal"] = (p, s) => Edges(p, s).Binary(BinaryFunction.Equal, Edges(p, s, "y")) * Edges(p, s, "z"),
        ["twice"] = (p, s) => Twice(Edges(p, s)),
    };

    /// <summary>The program of one case: output <c>y</c>.</summary>
    public static Program Build(string name, int shape)
    {
        var builder = new ProgramBuilder("gradient");
        builder.Return("y", Cases[name](builder, Shapes[shape]));
        return builder.Build();
    }

    [Theory]
    [MemberData(nameof(Operators))]
    public void Gradient_equals_central_differences(string name, int shape)
    {
        double error = Gradients.Error(Build(name, shape), RandomGraphs.Create(shape + 1).Binding, shape);
        Assert.True(error <= Tolerance, $"error {error}");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Product_has_the_right_gradient_at_zeros(int zeros)
    {
        // One row per edge of a hub; some factors are exactly zero, where p / x would be 0 / 0.
        var builder = new ProgramBuilder("product");
        builder.Return("y", Edges(builder, [2]).Reduce(new Map.Unit(HeteroSchema.Edges), ReduceKind.Prod));
        var graph = Runtime.HeteroGraph.Create(2, ["r"], [0, 1, 0], [1, 1, 1], [0, 0, 0]);
        int seen = 0;
        double error = Gradients.Error(builder.Build(), graph.Binding, 1, prepare: x => seen++ % 6 < 2 * zeros ? 0 : x);
        Assert.True(error <= Tolerance, $"error {error}");
    }

    [Fact]
    public void Loss_that_is_no_number_is_refused()
    {
        var builder = new ProgramBuilder("p");
        builder.Return("y", Edges(builder, [2]));
        var error = Assert.Throws<PigeonException>(() => Differentiate.Run(builder.Build(), "y"));
        Assert.Equal("PG0141", error.Diagnostic.Id);
    }

    private static TheoryData<string, int> Table(int[] shapes)
    {
        var data = new TheoryData<string, int>();
        foreach ((string name, int shape) in Cases.Keys.SelectMany(name => shapes.Select(shape => (name, shape))))
        {
            data.Add(name, shape);
        }

        return data;
    }

    private static Func<ProgramBuilder, int[], Value> Unary(UnaryFunction function) => (p, s) => Edges(p, s).Unary(function);

    private static Func<ProgramBuilder, int[], Value> Binary(BinaryFunction function) =>
        (p, s) => Edges(p, s).Binary(function, Edges(p, s, "y"));

    private static Value Twice(Value x) => x * x + x.Sum(HeteroSchema.Dst).At(HeteroSchema.Dst) * x;

    private static Value Edges(ProgramBuilder p, int[] row, string name = "x") => p.Input(name, HeteroSchema.Edges, row);

    private static Value Nodes(ProgramBuilder p, int[] row) => p.Input("x", HeteroSchema.Nodes, row);
}
